#include "libs/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/accept_loop.h"
#include "libs/rpc/listening_sockets.h"
#include "libs/rpc/server_credentials.h"

namespace gatehouse::rpc {
namespace {

// What all connections together may hold in buffers; beyond it gRPC stops reading.
constexpr size_t kMaxBufferedBytes = 256 * 1024 * 1024;

// Of the headers of one call; a forwarded officer, purpose and call id are some hundred.
constexpr int kMaxMetadataBytes = 8 * 1024;

constexpr int kKeepaliveTime_ms = 60'000;
constexpr int kKeepaliveTimeout_ms = 20'000;
constexpr int kLeastPingInterval_ms = 10'000;
// A connection is made anew now and then, so that clients spread over new replicas and certificates are judged again.
constexpr int kMaxConnectionAge_ms = 3'600'000;
constexpr int kMaxConnectionAgeGrace_ms = 60'000;
// Without a call for so long a connection is closed: whoever needs it again makes it anew, unseen by his callers.
constexpr int kMaxConnectionIdle_ms = 300'000;

// How long a shutdown lets the transports say goodbye; calls were drained before.
constexpr std::chrono::milliseconds kShutdownGrace{200};

void SetLimits(grpc::ServerBuilder& builder, int max_concurrent_calls) {
  grpc::ResourceQuota quota("gatehouse");
  quota.Resize(kMaxBufferedBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  // gRPC measures a message when it is unpacked: a kilobyte of gzip would be a megabyte by then. Nobody needs it.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, max_concurrent_calls);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingInterval_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kMaxConnectionAge_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kMaxConnectionAgeGrace_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxConnectionIdle_ms);
}

// Switches of the whole gRPC library.
void SwitchOnce() {
  static const bool once = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // Debian's Abseil looks for deadlock cycles at every lock gRPC takes: 15 % of the CPU of an empty call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return true;
  }();
  (void)once;
}

// As many connections as the process has descriptors for.
int ConnectionBound(int wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  const auto most = static_cast<int64_t>(files.rlim_cur) - kDescriptorsForOthers;
  return static_cast<int>(std::clamp<int64_t>(most, 1, wanted));
}

class GrpcServer final : public Server {
 public:
  struct Parts {
    std::shared_ptr<ReloadingServerCredentials> credentials;
    std::unique_ptr<grpc::Server> network;
    std::unique_ptr<grpc::Server> local;
    std::unique_ptr<AcceptLoop> accept_loop;
    int port;
    Admission* admission;
  };
  explicit GrpcServer(Parts parts) : parts_(std::move(parts)) { parts_.accept_loop->Start(); }

  ~GrpcServer() override {
    ShutNetwork(kShutdownGrace);
    parts_.local->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
  }

  int port() const override { return parts_.port; }

  std::shared_ptr<grpc::Channel> InProcess() override {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    return parts_.local->InProcessChannel(arguments);
  }

  void SetServing(bool serving) override { parts_.network->GetHealthCheckService()->SetServingStatus(serving); }
  void SetServing(const std::string& name, bool serving) override {
    parts_.network->GetHealthCheckService()->SetServingStatus(name, serving);
  }

  ConnectionCounts connections() const override {
    const AcceptLoop::Counts counts = parts_.accept_loop->counts();
    return {.open = counts.open,
            .unproven = counts.unproven,
            .refused = counts.refused,
            .no_descriptor = counts.no_descriptor,
            .cut = counts.cut,
            .refused_last = counts.refused_last};
  }

  absl::Status ProbePort(absl::Duration limit) override { return parts_.accept_loop->Hear(limit); }

  bool Drain(absl::Duration timeout) override {
    SetServing(false);
    parts_.accept_loop->Stop();
    // The door before the goodbye: gRPC cancels what comes after it, and a client that reads UNAVAILABLE turns
    // elsewhere.
    if (parts_.admission != nullptr && !parts_.admission->CloseAndWait(timeout)) return false;
    // A call leaves the door just before its answer goes. Meanwhile the door still says UNAVAILABLE to who comes, which
    // gRPC would not once it shuts down.
    std::this_thread::sleep_for(kShutdownGrace);
    ShutNetwork(std::chrono::milliseconds(0));
    return true;
  }

 private:
  // Clients are told to go away (GOAWAY). What is left are calls that do not pass the door, as a watch of health, and
  // answers on their way.
  void ShutNetwork(std::chrono::milliseconds grace) {
    parts_.accept_loop->Stop();
    parts_.network->Shutdown(std::chrono::system_clock::now() + grace);
  }

  const Parts parts_;
};

std::unique_ptr<grpc::Server> Build(grpc::ServerBuilder& builder, const ServerOptions& options,
                                    const std::vector<grpc::Service*>& services) {
  SetLimits(builder, options.max_concurrent_calls);
  for (grpc::Service* service : services) builder.RegisterService(service);
  return builder.BuildAndStart();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  GH_RETURN_IF_ERROR(CheckTlsFiles(options.tls));
  SwitchOnce();
  GH_ASSIGN_OR_RETURN(ListeningSockets sockets, ListeningSockets::Open(options.listen));
  const int port = sockets.port();
  auto credentials = std::make_shared<ReloadingServerCredentials>(options.tls, options.gatekeeper);
  grpc::ServerBuilder with_port;
  with_port.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                               static_cast<int>(absl::ToInt64Milliseconds(options.handshake_timeout)));
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor =
      with_port.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  std::unique_ptr<grpc::Server> network = Build(with_port, options, services);
  // A service of callbacks may serve any number of servers: what they keep for it is their own.
  grpc::ServerBuilder in_process;
  std::unique_ptr<grpc::Server> local = Build(in_process, options, services);
  if (network == nullptr || local == nullptr) return absl::InternalError("gRPC does not start a server");
  const int all = ConnectionBound(options.max_connections);
  const ConnectionLimits limits{
      .all = all,
      .of_address = options.max_connections_of_address > 0 ? options.max_connections_of_address : std::max(1, all / 4),
      .unproven_of_address = options.max_unproven_of_address,
      .proving = options.handshake_timeout + absl::Seconds(1)};
  const auto take = [acceptor](int listener, int connection) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters taken;
    taken.listener_fd = listener;
    taken.fd = connection;
    acceptor->HandleNewConnection(&taken);
  };
  auto started = std::make_unique<GrpcServer>(
      GrpcServer::Parts{.credentials = std::move(credentials),
                        .network = std::move(network),
                        .local = std::move(local),
                        .accept_loop = std::make_unique<AcceptLoop>(std::move(sockets), limits, take, options.heard),
                        .port = port,
                        .admission = options.admission});
  started->SetServing(false);  // until the modules have started
  return started;
}

}  // namespace gatehouse::rpc
