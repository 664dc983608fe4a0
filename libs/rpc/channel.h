// Calling another service: one channel per peer, mTLS over the network or in process, and the context of an outgoing
// call with its deadline, the officer and the purpose of the call it serves.
//
//   auto context = peer.NewContext(&call, absl::Seconds(2));   // or peer.NewContext(call_info, timeout)
//   const grpc::Status status = peer_stub->Verify(context.get(), request, &response);
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace gatehouse::rpc {

struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
};

// Whom an outgoing call is made for.
struct OnBehalf {
  std::string officer;
  std::string purpose;
  std::string call_id;
  absl::Time deadline = absl::InfiniteFuture();
};

// The way to one peer. Thread-safe. The channel exists from Connect (network) or from the start of the process's server
// (in process), and is gone after Drop: in-process stubs must not outlive the server.
class Peer {
 public:
  virtual ~Peer() = default;
  // Null before the server started and after Drop.
  virtual std::shared_ptr<grpc::Channel> channel() = 0;
  // A context with the sooner of both deadlines, and the credentials of this module.
  virtual std::unique_ptr<grpc::ClientContext> NewContext(const OnBehalf& on_behalf, absl::Duration timeout) = 0;
};

// A network channel with mTLS, retries of UNAVAILABLE (three attempts) and keepalive. Errors: unreadable files.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, const TlsFiles& tls);

}  // namespace gatehouse::rpc
