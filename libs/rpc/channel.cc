#include "libs/rpc/channel.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/local_methods.h"
#include "libs/rpc/metadata.h"
#include "libs/rpc/server.h"

namespace gatehouse::rpc {
namespace {

constexpr unsigned kTlsRefresh_s = 10;
constexpr int kKeepaliveTime_ms = 60'000;
constexpr int kKeepaliveTimeout_ms = 20'000;
// A post's link comes and goes: do not back off for minutes.
constexpr int kMaxReconnectBackoff_ms = 10'000;

// A connection that breaks is UNAVAILABLE too, and nobody knows what the other side had done by then. So only services
// that read are asked again by the policy; what Handle answers after a body ran forbids it even there. Everything else
// is sent again by gRPC alone, and only when it never reached a handler (a stream that was refused or not yet sent), or
// by whoever knows the request_id.
constexpr char kServiceConfig[] = R"({"methodConfig": [{"name": [
    {"service": "gatehouse.document.v1.SealService"},
    {"service": "gatehouse.document.v1.NoticeService"},
    {"service": "gatehouse.event.v1.EventService"},
    {"service": "gatehouse.inspection.v1.InspectionQueryService"},
    {"service": "gatehouse.traveller.v1.TravellerService"},
    {"service": "gatehouse.watchlist.v1.WatchlistService"},
    {"service": "grpc.health.v1.Health"}],
  "retryPolicy": {
    "maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 3,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]})";

std::shared_ptr<grpc::ChannelCredentials> FollowingFiles(const TlsFiles& tls) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key_file, tls.certificate_file, tls.ca_file, kTlsRefresh_s));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

absl::Duration TimeFor(const OnBehalf& on_behalf, absl::Duration timeout, base::Clock& clock) {
  return std::min({on_behalf.deadline - clock.Now(), timeout, base::CurrentWorkTime().Left()});
}

void SetDeadline(grpc::ClientContext& context, absl::Duration left) {
  if (left == absl::InfiniteDuration()) return;
  // gRPC's deadlines are in the system's time, whatever clock this process was given.
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(left));
}

void Add(grpc::ClientContext& context, const char* key, const std::string& value) {
  if (!value.empty()) context.AddMetadata(key, value);
}

std::unique_ptr<grpc::ClientContext> Forwarding(const OnBehalf& on_behalf, absl::Duration timeout, base::Clock& clock) {
  auto context = std::make_unique<grpc::ClientContext>();
  SetDeadline(*context, TimeFor(on_behalf, timeout, clock));
  Add(*context, kOfficerKey, on_behalf.officer);
  Add(*context, kPurposeKey, on_behalf.purpose);
  Add(*context, kCallIdKey, on_behalf.call_id);
  return context;
}

class NetworkPeer final : public Peer {
 public:
  NetworkPeer(std::shared_ptr<grpc::Channel> channel, base::Clock& clock, std::unique_ptr<Breaker> breaker)
      : channel_(std::move(channel)), clock_(clock), breaker_(std::move(breaker)) {}

  std::shared_ptr<grpc::Channel> channel() override { return channel_; }
  std::unique_ptr<grpc::ClientContext> NewContext(const OnBehalf& on_behalf, absl::Duration timeout) override {
    return Forwarding(on_behalf, timeout, clock_);
  }
  Breaker* breaker() override { return breaker_.get(); }
  std::optional<absl::Status> ServeHere(std::string_view, LocalCall&) override { return std::nullopt; }
  bool IsLocal() const override { return false; }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  base::Clock& clock_;
  const std::unique_ptr<Breaker> breaker_;
};

class InProcessPeer final : public LocalPeer {
 public:
  InProcessPeer(std::string identity, std::string local_token, base::Clock& clock, std::unique_ptr<Breaker> breaker,
                const LocalMethods* methods)
      : identity_(std::move(identity)),
        local_token_(std::move(local_token)),
        clock_(clock),
        breaker_(std::move(breaker)),
        methods_(methods) {}

  Breaker* breaker() override { return breaker_.get(); }
  bool IsLocal() const override { return true; }

  std::optional<absl::Status> ServeHere(std::string_view method, LocalCall& call) override {
    const LocalMethods::Serve* serve = methods_ == nullptr ? nullptr : methods_->Find(method);
    if (serve == nullptr) return std::nullopt;
    call.identity = identity_;
    call.local_token = local_token_;
    call.time = TimeFor(call.on_behalf, absl::InfiniteDuration(), clock_);
    return (*serve)(call);
  }

  std::shared_ptr<grpc::Channel> channel() override {
    std::lock_guard lock(mutex_);
    return channel_;
  }

  std::unique_ptr<grpc::ClientContext> NewContext(const OnBehalf& on_behalf, absl::Duration timeout) override {
    auto context = Forwarding(on_behalf, timeout, clock_);
    context->AddMetadata(kLocalTokenKey, local_token_);
    context->AddMetadata(kLocalIdentityKey, identity_);
    return context;
  }

  void Attach(std::shared_ptr<grpc::Channel> channel) override {
    std::lock_guard lock(mutex_);
    GH_CHECK(channel_ == nullptr);
    channel_ = std::move(channel);
  }

  void Drop() override {
    std::lock_guard lock(mutex_);
    channel_ = nullptr;
  }

 private:
  const std::string identity_;
  const std::string local_token_;
  base::Clock& clock_;
  const std::unique_ptr<Breaker> breaker_;
  const LocalMethods* const methods_;
  std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, const TlsFiles& tls) {
  GH_RETURN_IF_ERROR(CheckTlsFiles(tls));
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime_ms);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoff_ms);
  return grpc::CreateCustomChannel(address, FollowingFiles(tls), arguments);
}

std::unique_ptr<Peer> MakeNetworkPeer(std::shared_ptr<grpc::Channel> channel, base::Clock& clock,
                                      std::unique_ptr<Breaker> breaker) {
  return std::make_unique<NetworkPeer>(std::move(channel), clock, std::move(breaker));
}

std::unique_ptr<LocalPeer> MakeLocalPeer(std::string identity, std::string local_token, base::Clock& clock,
                                         std::unique_ptr<Breaker> breaker, const LocalMethods* methods) {
  return std::make_unique<InProcessPeer>(std::move(identity), std::move(local_token), clock, std::move(breaker),
                                         methods);
}

}  // namespace gatehouse::rpc
