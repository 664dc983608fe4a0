#include "libs/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/server_credentials.h"

namespace gatehouse::rpc {
namespace {

// What all connections together may hold in buffers; beyond it gRPC stops reading.
constexpr size_t kMaxBufferedBytes = 256 * 1024 * 1024;

constexpr int kKeepaliveTime_ms = 60'000;
constexpr int kKeepaliveTimeout_ms = 20'000;
constexpr int kLeastPingInterval_ms = 10'000;
// A connection is made anew now and then, so that clients spread over new replicas and certificates are judged again.
constexpr int kMaxConnectionAge_ms = 3'600'000;
constexpr int kMaxConnectionAgeGrace_ms = 60'000;

// How long a shutdown lets the transports say goodbye; calls were drained before.
constexpr std::chrono::milliseconds kShutdownGrace{200};

void SetLimits(grpc::ServerBuilder& builder, int max_concurrent_calls) {
  grpc::ResourceQuota quota("gatehouse");
  quota.Resize(kMaxBufferedBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, max_concurrent_calls);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingInterval_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kMaxConnectionAge_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kMaxConnectionAgeGrace_ms);
  // A port belongs to one process: without this a second one would share it silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
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

class GrpcServer final : public Server {
 public:
  GrpcServer(std::shared_ptr<ReloadingServerCredentials> credentials, std::unique_ptr<grpc::Server> server, int port,
             Admission* admission)
      : credentials_(std::move(credentials)), server_(std::move(server)), port_(port), admission_(admission) {}

  ~GrpcServer() override { server_->Shutdown(std::chrono::system_clock::now() + kShutdownGrace); }

  int port() const override { return port_; }

  std::shared_ptr<grpc::Channel> InProcess() override {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    return server_->InProcessChannel(arguments);
  }

  void SetServing(bool serving) override { server_->GetHealthCheckService()->SetServingStatus(serving); }
  void SetServing(const std::string& name, bool serving) override {
    server_->GetHealthCheckService()->SetServingStatus(name, serving);
  }

  bool Drain(absl::Duration timeout) override {
    SetServing(false);
    return admission_ == nullptr || admission_->CloseAndWait(timeout);
  }

 private:
  const std::shared_ptr<ReloadingServerCredentials> credentials_;
  const std::unique_ptr<grpc::Server> server_;
  const int port_;
  Admission* const admission_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  GH_RETURN_IF_ERROR(CheckTlsFiles(options.tls));
  SwitchOnce();
  auto credentials = std::make_shared<ReloadingServerCredentials>(options.tls, options.gatekeeper);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, credentials, &port);
  SetLimits(builder, options.max_concurrent_calls);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port <= 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.listen, ": the port is taken or the address is not this machine's"));
  }
  auto started = std::make_unique<GrpcServer>(std::move(credentials), std::move(server), port, options.admission);
  started->SetServing(false);  // until the modules have started
  return started;
}

}  // namespace gatehouse::rpc
