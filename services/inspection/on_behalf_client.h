// What the client adapters share: a call to a peer that may not be there (yet, or any more).
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/errors.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

inline absl::Status ReasonOnly(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), rpc::Reason(rpc::FromGrpc(status)));
}

// Calls `method` of a stub made for this call: stubs must not outlive an in-process server, and making one is cheap.
// UNAVAILABLE while the peer has no channel, or its breaker is open (the message says since when). The message of an
// error is the peer's reason (an UPPER_SNAKE word of its closed set, else its status code) and never its text, which is
// for its own logs.
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> CallPeer(rpc::Peer& peer,
                                  grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                        Response*),
                                  const Request& request, const OnBehalf& on_behalf) {
  const std::shared_ptr<grpc::Channel> channel = peer.channel();
  if (channel == nullptr) return absl::UnavailableError("the peer is not connected");
  rpc::Breaker::Attempt attempt(peer.breaker());
  if (!attempt.status().ok()) return attempt.status();
  const auto context = peer.NewContext({.officer = on_behalf.officer,
                                        .purpose = on_behalf.purpose,
                                        .call_id = on_behalf.call_id,
                                        .deadline = on_behalf.deadline},
                                       absl::InfiniteDuration());
  Response response;
  const auto stub = Service::NewStub(channel);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  attempt.Answered(static_cast<absl::StatusCode>(status.error_code()));
  if (!status.ok()) return ReasonOnly(status);
  return response;
}

// The same with the bytes of the request as they are, and those of the response: `method` is "/package.Service/Method".
absl::StatusOr<std::string> CallPeerRaw(rpc::Peer& peer, const std::string& method, const std::string& request,
                                        const OnBehalf& on_behalf);

}  // namespace gatehouse::inspection
