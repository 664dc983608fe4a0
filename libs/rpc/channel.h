// The way to another service: one channel per peer, mTLS over the network or in process, and the context of an outgoing
// call with its deadline, the officer and the purpose of the call it serves. Services call their peers by call_peer.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/rpc/breaker.h"
#include "libs/rpc/on_behalf.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace gatehouse::rpc {

class LocalMethods;
struct LocalCall;

struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
};

// INVALID_ARGUMENT naming the file and what to do: it cannot be read, holds no certificate or key, others may read the
// key, it is not the certificate's, or the certificate is not valid now.
absl::Status CheckTlsFiles(const TlsFiles& files);

// The way to one peer. Thread-safe. The channel exists from Connect (network) or from the start of the process's server
// (in process), and is gone after Drop: in-process stubs must not outlive the server.
class Peer {
 public:
  virtual ~Peer() = default;
  // Null before the server started and after Drop.
  virtual std::shared_ptr<grpc::Channel> channel() = 0;
  // A context with the soonest of both deadlines and what this thread has left, and the credentials of this module.
  virtual std::unique_ptr<grpc::ClientContext> NewContext(const OnBehalf& on_behalf, absl::Duration timeout) = 0;
  // What calls to it go through, see there; null: nothing stands between.
  virtual Breaker* breaker() = 0;
  // Serves the call on this thread, with the soonest of its deadline and what the thread has left; nothing when the
  // peer is not in this process, or does not offer the method. Completes `call` by who calls.
  virtual std::optional<absl::Status> ServeHere(std::string_view method, LocalCall& call) = 0;
  // Whether it is a module of this process.
  virtual bool IsLocal() const = 0;
};

// A network channel with mTLS, keepalive, and retries of UNAVAILABLE (three attempts) for services that only read. The
// server's certificate must carry the host of `address`. New connections use the files as they are then. Errors:
// INVALID_ARGUMENT for files that cannot be read or do not belong together. Whether anybody answers, the first call
// tells.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, const TlsFiles& tls);

// A peer over a channel of Connect. `clock` outlives it.
std::unique_ptr<Peer> MakeNetworkPeer(std::shared_ptr<grpc::Channel> channel, base::Clock& clock,
                                      std::unique_ptr<Breaker> breaker = nullptr);

// A peer in this process, called as the module `identity`. `methods`: what is offered here; outlives the peer.
class LocalPeer : public Peer {
 public:
  // Once, when the server runs.
  virtual void Attach(std::shared_ptr<grpc::Channel> channel) = 0;
  // Before the server shuts down; stubs made from the channel must be gone too.
  virtual void Drop() = 0;
};
std::unique_ptr<LocalPeer> MakeLocalPeer(std::string identity, std::string local_token, base::Clock& clock,
                                         std::unique_ptr<Breaker> breaker = nullptr,
                                         const LocalMethods* methods = nullptr);

}  // namespace gatehouse::rpc
