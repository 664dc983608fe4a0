// What a query or a keyed traveller looks like as JSON, and its message: name | primary + secondary | mrz_name,
// birth_date (YYYY, YYYY-MM or YYYY-MM-DD, 00 for unknown parts), sex, nationality (alpha-3), document {number, issuer,
// type}, expiry_date.
#pragma once

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "gatehouse/type/v1/type.pb.h"

namespace gatehouse::cli {

// INVALID_ARGUMENT names the field that is wrong. Unknown keys are ignored, so that a file may carry more.
absl::StatusOr<gatehouse::type::v1::Identity> IdentityFromJson(const nlohmann::json& json);

}  // namespace gatehouse::cli
