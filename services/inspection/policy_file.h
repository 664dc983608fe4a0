// The policy as a file: gatehouse.inspection.v1.Policy in text format. The one built into the program is
// deploy/policy/default.textproto.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/inspection/policy.h"

namespace gatehouse::inspection {

inline constexpr size_t kMaxPolicyBytes = 1024 * 1024;

// INVALID_ARGUMENT with the line for a text that does not parse (an unknown field too), or with the reason of
// CheckPolicy.
absl::StatusOr<Policy> ParsePolicy(std::string_view text);

// NOT_FOUND when the file cannot be read; errors name the file.
absl::StatusOr<Policy> ReadPolicyFile(const std::string& file);

Policy BuiltInPolicy();

}  // namespace gatehouse::inspection
