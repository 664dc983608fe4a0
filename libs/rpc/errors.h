// absl::Status <-> grpc::Status. A status may carry a reason of its service's closed enum and field violations; on the
// wire they ride as google.rpc.ErrorInfo and BadRequest in a google.rpc.Status (AIP-193). The text of INTERNAL, UNKNOWN
// and DATA_LOSS stays inside: the caller reads "internal error" and the call id. UNKNOWN says that nobody knows whether
// the thing was done (a store lost its connection in COMMIT): it has the reason OUTCOME_UNKNOWN, and no client sends it
// again by itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace gatehouse::rpc {

struct FieldViolation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT about one field; AddViolation appends more.
absl::Status InvalidField(std::string_view field, std::string_view description);
void AddViolation(absl::Status& status, std::string_view field, std::string_view description);
std::vector<FieldViolation> Violations(const absl::Status& status);

// Attaches the machine-readable reason, UPPER_SNAKE.
absl::Status WithReason(absl::Status status, std::string_view reason);
std::string Reason(const absl::Status& status);

// INTERNAL, UNKNOWN, DATA_LOSS.
bool StaysInside(absl::StatusCode code);

// `domain` is the service's word; `call_id` lets support find the log line.
grpc::Status ToGrpc(const absl::Status& status, std::string_view domain, std::string_view call_id);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace gatehouse::rpc
