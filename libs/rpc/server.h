// The one server builder. It cannot forget mTLS (client certificates required), health, reflection (v1alpha), message,
// connection and concurrency limits, keepalive, and a graceful drain. Inside are two gRPC servers over the same
// services: one with the port, behind an accept loop of our own (docs/decisions/0038), and one for the calls between
// modules of this process, which the drain shuts last. Health and reflection are behind mTLS and
// the gatekeeper like the rest. Certificates are read again when their files change: the next
// handshake uses them if they are a pair that belongs together and is valid now, else it goes on with the last good one
// and the log says why.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/admission.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/gatekeeper.h"
#include "libs/rpc/heard.h"

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
  // Where the hosts of `services` note whose calls they have; connections that send and come to no call are cut
  // (received_bytes.h). Null: none is. Outlives the server.
  Heard* heard = nullptr;
  // At once; never more than the process may open files (RLIMIT_NOFILE), less kDescriptorsForOthers.
  int max_connections = 4096;
  // Of those, from one address (IPv6: one /64), whoever they are; 0: a quarter.
  int max_connections_of_address = 0;
  // Of those, from one address (IPv6: one /64) and younger than the handshake's time-out; of all addresses, half.
  int max_unproven_of_address = 64;
  absl::Duration handshake_timeout = absl::Seconds(10);
};

// Stores, logs, peers and audit need descriptors too.
inline constexpr int kDescriptorsForOthers = 256;

struct ConnectionCounts {
  int open = 0;
  int unproven = 0;           // too young to have proved who they are
  int64_t refused = 0;        // over a bound, since the start
  int64_t no_descriptor = 0;  // refused because there was no descriptor left, since the start
  int64_t cut = 0;            // because they sent without end and came to no call, since the start
  std::string refused_last;   // the address of the last that was over a bound, and which
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
  virtual ConnectionCounts connections() const = 0;
  // Connects to the own port and waits to be heard. UNAVAILABLE when nobody of this process answers within `limit`,
  // UNKNOWN when it could not be asked.
  virtual absl::Status ProbePort(absl::Duration limit) = 0;
  // The same for one part, asked for by its name; the process as a whole is the empty name.
  virtual void SetServing(const std::string& name, bool serving) = 0;
  // Not serving, and the door closed: the port is shut, and new calls of open connections are UNAVAILABLE, so that
  // clients turn to another process. Waits for those in flight until the timeout; false when some remain, and nothing
  // is torn down under them. True: clients were told to go away (GOAWAY), and the server with the port is gone.
  // In-process calls still pass, because calls in flight and modules that stop may need them; drop their stubs after
  // this and before the server is destroyed.
  virtual bool Drain(absl::Duration timeout) = 0;
};

}  // namespace gatehouse::rpc
