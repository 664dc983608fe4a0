// The one server builder. It cannot forget mTLS (client certificates required), health, reflection (v1alpha), metrics,
// message and concurrency limits, keepalive, and a graceful drain. Health and reflection are behind mTLS and the
// gatekeeper like the rest. Certificates are read again when their files change:
// the next handshake uses them if they are a pair that belongs together and is valid now, else it goes on with the last
// good one and the log says why.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/admission.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/gatekeeper.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace gatehouse::rpc {

inline constexpr int kMaxMessageBytes = 64 * 1024 * 1024;  // per-method limits are smaller (Method::max_request_bytes)

struct ServerOptions {
  std::string listen;  // host:port, port 0 = a free one
  TlsFiles tls;
  // Of one connection; of the whole process, `admission` bounds them.
  int max_concurrent_calls = 1024;
  // The door that the hosts of `services` share, for Drain; null: none. Outlives the server.
  Admission* admission = nullptr;
  // Judges every call of the network by its headers; null: none does, and only Handle judges. Outlives the server.
  Gatekeeper* gatekeeper = nullptr;
};

class Server {
 public:
  // Listens at once; `services` outlive the server. UNAVAILABLE when the port is taken, INVALID_ARGUMENT for bad TLS
  // files, with what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  // Shuts down: calls still in flight are cancelled, and their bodies waited for.
  virtual ~Server() = default;
  virtual int port() const = 0;
  virtual std::shared_ptr<grpc::Channel> InProcess() = 0;
  virtual void SetServing(bool serving) = 0;
  // The same for one part, asked for by its name; the process as a whole is the empty name.
  virtual void SetServing(const std::string& name, bool serving) = 0;
  // Not serving, and the door closed: new calls from outside are UNAVAILABLE, so that clients turn to another process.
  // Waits for those in flight until the timeout; false when some remain. In-process calls still pass, because calls in
  // flight may need them; drop their stubs after this and before the server is destroyed.
  virtual bool Drain(absl::Duration timeout) = 0;
};

}  // namespace gatehouse::rpc
