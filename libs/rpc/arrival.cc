#include "libs/rpc/arrival.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>
#include <vector>

#include "libs/rpc/call_reactor.h"

namespace gatehouse::rpc {
namespace {

// gRPC's own way to forbid a retry that the service config allows (gRFC A6).
constexpr char kRetryPushbackKey[] = "grpc-retry-pushback-ms";

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

class GrpcArrival final : public Arrival {
 public:
  GrpcArrival(grpc::CallbackServerContext& context, std::shared_ptr<CallReactor> reactor)
      : context_(context), connection_(context.auth_context()), reactor_(std::move(reactor)) {}

  // A network transport always says how it is secured, "insecure" included; the in-process one says nothing and has no
  // address.
  bool IsInProcess() const override {
    return connection_->begin() == connection_->end() && context_.peer() == "unknown";
  }

  std::optional<std::string_view> Certificate() const override {
    const std::vector<grpc::string_ref> found = connection_->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (found.size() != 1) return std::nullopt;
    return View(found.front());
  }

  std::optional<std::string_view> Metadata(std::string_view key) const override {
    const auto found = context_.client_metadata().find(grpc::string_ref(key.data(), key.size()));
    if (found == context_.client_metadata().end()) return std::nullopt;
    return View(found->second);
  }

  // gRPC's deadlines are in the system's time, whatever clock the host was given.
  absl::Duration TimeLeft() const override {
    const std::chrono::system_clock::time_point deadline = context_.deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteDuration();
    return absl::FromChrono(deadline - std::chrono::system_clock::now());
  }

  std::shared_ptr<const std::atomic<bool>> CancelledFlag() const override {
    return CallReactor::CancelledFlag(reactor_);
  }

  void ForbidRetry() override { context_.AddTrailingMetadata(kRetryPushbackKey, "-1"); }
  void Finish(const grpc::Status& answer) override { reactor_->Finish(answer); }

 private:
  grpc::CallbackServerContext& context_;
  const std::shared_ptr<const grpc::AuthContext> connection_;
  const std::shared_ptr<CallReactor> reactor_;
};

}  // namespace

std::shared_ptr<Arrival> MakeGrpcArrival(grpc::CallbackServerContext& context, std::shared_ptr<CallReactor> reactor) {
  return std::make_shared<GrpcArrival>(context, std::move(reactor));
}

}  // namespace gatehouse::rpc
