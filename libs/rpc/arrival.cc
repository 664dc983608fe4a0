#include "libs/rpc/arrival.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/call_reactor.h"
#include "libs/rpc/heard.h"

namespace gatehouse::rpc {
namespace {

// gRPC's own way to forbid a retry that the service config allows (gRFC A6).
constexpr char kRetryPushbackKey[] = "grpc-retry-pushback-ms";

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

class GrpcArrival final : public Arrival {
 public:
  GrpcArrival(grpc::CallbackServerContext& context, std::shared_ptr<CallReactor> reactor, Heard* heard)
      : context_(context), connection_(context.auth_context()), reactor_(std::move(reactor)), heard_(heard) {
    if (heard_ == nullptr) return;
    key_ = KeyOfPeer(context.peer());
    heard_->Begun(key_);
  }

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
  // Whoever holds this may be gone when gRPC is done with the call, so nothing below refers to it.
  void Finish(const grpc::Status& answer, std::function<void()> gone) override {
    if (heard_ != nullptr) heard_->unread().Add(&context_);
    reactor_->WhenGone(
        [heard = heard_, context = &context_, reactor = reactor_.get(), key = key_, gone = std::move(gone)] {
          if (heard != nullptr) heard->unread().Remove(context);
          if (heard != nullptr && reactor->cancelled()) heard->TakenBack(key);
          gone();
        });
    reactor_->Finish(answer);
  }

 private:
  grpc::CallbackServerContext& context_;
  const std::shared_ptr<const grpc::AuthContext> connection_;
  const std::shared_ptr<CallReactor> reactor_;
  Heard* const heard_;
  std::string key_;  // of the connection
};

}  // namespace

std::shared_ptr<Arrival> MakeGrpcArrival(grpc::CallbackServerContext& context, std::shared_ptr<CallReactor> reactor,
                                         Heard* heard) {
  return std::make_shared<GrpcArrival>(context, std::move(reactor), heard);
}

}  // namespace gatehouse::rpc
