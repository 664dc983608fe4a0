// The digital seals that were presented with a document, read, verified, and compared with it (TR-03135 section 5.9).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/emrtd/seals/verify.h"
#include "libs/emrtd/tr03135.h"
#include "libs/mrz/parse.h"

namespace gatehouse::document {

struct SealFinding {
  std::optional<emrtd::seals::Seal> seal;  // nothing when the bytes are no seal
  emrtd::seals::SealReport report;         // only meaningful with a seal
  std::string unread;                      // why the bytes are no seal
};

// What a seal is judged by: the trust store of the chip, and the zone it is compared with.
struct SealStandards {
  const pki::TrustStore& trust;
  absl::Time check_time;
  const std::optional<mrz::ParsedMrz>& zone;  // of the document; nothing when none was read
};

SealFinding VerifyPresentedSeal(std::string_view presented, const SealStandards& standards);

// Their ids begin "seal_<number>_".
std::vector<emrtd::Tr03135Check> SealChecks(int number, const SealFinding& finding, const SealStandards& standards);

}  // namespace gatehouse::document
