// The way from the command line to a service: mTLS with a certificate of the --pki folder.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/errors.h"
#include "tools/gatehouse/context.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace gatehouse::cli {

// A channel to --server as --as, or why not, with what to do.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const Context& context);

// A context with the deadline of --timeout.
std::unique_ptr<grpc::ClientContext> NewCall(const Context& context);

// The request_id of a call that writes: what gRPC sends again, because it never arrived, is the same call.
std::string NewRequestId();

// The status of a call for Context::Fail: unreachable servers say which address, field violations are spelled out, and
// an error whose text stays in the service has the word of its reason (ROW_DAMAGED).
absl::Status CallStatus(const Context& context, const grpc::Status& status);

}  // namespace gatehouse::cli
