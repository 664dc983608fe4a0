// Facts of an error for programs, which never read texts: the metadata of its ErrorInfo (AIP-193). Ids and numbers, no
// personal data. They go over the wire with the reason (errors.h), and with the errors of peers that are passed on.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace gatehouse::rpc {

// `key` in lower camel case. Kept beside the reason; WithReason after it would drop it.
absl::Status WithFact(absl::Status status, std::string_view key, std::string_view value);
// Empty when the error does not say.
std::string Fact(const absl::Status& status, std::string_view key);

}  // namespace gatehouse::rpc
