// JSON read strictly and written canonically (RFC 8785), which is what a VDS-NC signs. nlohmann-json reads; what it
// does not refuse is refused here: a member that stands twice, and nesting beyond the limit.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace gatehouse::emrtd::seals {

// A VDS-NC nests six deep.
inline constexpr int kMaxJsonNesting = 32;

// INVALID_ARGUMENT names the fault, and never repeats the data.
absl::StatusOr<nlohmann::json> ReadStrictJson(std::string_view text);

// Members sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
std::string CanonicalJson(const nlohmann::json& value);

}  // namespace gatehouse::emrtd::seals
