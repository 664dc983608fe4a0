// What the client adapters share: a call to a peer (libs/rpc/call_peer.h) on behalf of the officer who is served. The
// message of an error is the peer's reason (an UPPER_SNAKE word of its closed set, else empty) and never its text,
// which is for its own logs; where nobody was asked, because there is no peer or its breaker is open, it says so.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/call_peer.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

inline absl::Status ReasonOnly(const rpc::PeerAnswer& answer) {
  if (answer.status.ok() || !answer.asked) return answer.status;
  return absl::Status(answer.status.code(), rpc::Reason(answer.status));
}

inline rpc::OnBehalf For(const OnBehalf& on_behalf) {
  return {.officer = on_behalf.officer,
          .purpose = on_behalf.purpose,
          .call_id = on_behalf.call_id,
          .deadline = on_behalf.deadline};
}

template <typename Method>
absl::StatusOr<typename Method::Response> AskPeer(rpc::Peer& peer, const Method& method,
                                                  const typename Method::Request& request, const OnBehalf& on_behalf) {
  typename Method::Response response;
  const absl::Status status = ReasonOnly(rpc::CallPeer(peer, method, request, For(on_behalf), response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace gatehouse::inspection
