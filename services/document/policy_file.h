// The document policy as a file: gatehouse.document.v1.DocumentPolicy in text format. The one built into the program is
// deploy/policy/document.textproto.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/document/policy.h"

namespace gatehouse::document {

inline constexpr size_t kMaxPolicyBytes = 1024 * 1024;

// INVALID_ARGUMENT with the line for a text that does not parse (an unknown field too), or with the reason of
// CheckPolicy.
absl::StatusOr<Policy> ParsePolicy(std::string_view text);

// NOT_FOUND when the file cannot be read; errors name the file.
absl::StatusOr<Policy> ReadPolicyFile(const std::string& file);

const Policy& BuiltInPolicy();

}  // namespace gatehouse::document
