// One call to a peer that may not be there (yet, or any more): through its breaker, on behalf of whom the caller
// serves, on this thread when the peer is a module of this process that offers the method (local_methods.h), else by
// gRPC.
//
//   constexpr rpc::PeerMethod<pb::TravellerService, pb::GetTravellerRequest, pb::GetTravellerResponse> kGetTraveller{
//       "/gatehouse.traveller.v1.TravellerService/GetTraveller", &pb::TravellerService::Stub::GetTraveller};
//   pb::GetTravellerResponse response;
//   const rpc::PeerAnswer answer = rpc::CallPeer(peer, kGetTraveller, request, on_behalf, response);
//
// Blocks until answered, at the longest for what on_behalf and this thread have (libs/base/deadline.h).
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/local_methods.h"

namespace gatehouse::rpc {

struct PeerAnswer {
  // The peer's, with its reason (errors.h). UNAVAILABLE also while there is no channel or the breaker is open.
  absl::Status status;
  bool asked = true;  // false: the peer was not called, and `status` says why
};

template <typename ServiceType, typename RequestType, typename ResponseType>
struct PeerMethod {
  using Service = ServiceType;
  using Request = RequestType;
  using Response = ResponseType;
  const char* name;  // "/package.Service/Method"
  grpc::Status (Service::Stub::*stub)(grpc::ClientContext*, const Request&, Response*);
};

template <typename Method>
PeerAnswer CallPeer(Peer& peer, const Method& method, const typename Method::Request& request,
                    const OnBehalf& on_behalf, typename Method::Response& response) {
  // Stubs must not outlive an in-process server, and making one is cheap.
  const std::shared_ptr<grpc::Channel> channel = peer.channel();
  if (channel == nullptr) return {absl::UnavailableError("the peer is not connected"), /*asked=*/false};
  Breaker::Attempt attempt(peer.breaker());
  if (!attempt.status().ok()) return {attempt.status(), /*asked=*/false};
  LocalCall local{.on_behalf = on_behalf, .request = &request, .response = &response};
  std::optional<absl::Status> answer = peer.ServeHere(method.name, local);
  if (!answer) {
    const auto context = peer.NewContext(on_behalf, absl::InfiniteDuration());
    const auto stub = Method::Service::NewStub(channel);
    answer = FromGrpc((stub.get()->*method.stub)(context.get(), request, &response));
  }
  attempt.Answered(answer->code());
  return {*std::move(answer)};
}

// The same with the bytes of the request as they are, and those of the response.
PeerAnswer CallPeerRaw(Peer& peer, const std::string& method, const std::string& request, const OnBehalf& on_behalf,
                       std::string& response);

}  // namespace gatehouse::rpc
