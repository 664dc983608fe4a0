// A verified seal as the JSON object of `gatehouse document verify-seal` (a contract: keys are added, never renamed).
#pragma once

#include <nlohmann/json.hpp>

#include "libs/emrtd/seals/verify.h"

namespace gatehouse::cli {

// signature, chain, issuing_country, feature_definition, issue_date, signature_date (YYYY-MM-DD; an impossible one as
// its digits MMDDYYYY), features [{tag, name, value}], and the evidence.
nlohmann::ordered_json ToJson(const emrtd::seals::Seal& seal, const emrtd::seals::SealReport& report);

}  // namespace gatehouse::cli
