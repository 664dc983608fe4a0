// The one server builder. It cannot forget mTLS (client certificates required), health, reflection (v1alpha), metrics,
// message and concurrency limits, keepalive, and a graceful drain. Certificates are reloaded from a watched folder copy
// that is only replaced by a pair that validates (gRPC itself keeps no last good one).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/channel.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace gatehouse::rpc {

inline constexpr int kMaxMessageBytes = 64 * 1024 * 1024;  // per-method limits are smaller (Method::max_request_bytes)

struct ServerOptions {
  std::string listen;  // host:port, port 0 = a free one
  TlsFiles tls;
  int max_concurrent_calls = 1024;
};

class Server {
 public:
  // Listens at once; `services` outlive the server. UNAVAILABLE when the port is taken, INVALID_ARGUMENT for bad TLS
  // files, with what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  virtual ~Server() = default;
  virtual int port() const = 0;
  virtual std::shared_ptr<grpc::Channel> InProcess() = 0;
  virtual void SetServing(bool serving) = 0;
  // Not serving, no new connections; waits for calls in flight until the timeout, then cancels them.
  virtual void Drain(absl::Duration timeout) = 0;
};

}  // namespace gatehouse::rpc
