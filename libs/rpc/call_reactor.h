// The reactor of one call. gRPC's own DefaultReactor hears nothing of a caller that goes away; this one does. Private
// to libs/rpc.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace gatehouse::rpc {

// Lives as long as gRPC or anybody else holds it.
class CallReactor final : public grpc::ServerUnaryReactor {
 public:
  static std::shared_ptr<CallReactor> Make() {
    auto reactor = std::make_shared<CallReactor>();
    reactor->self_ = reactor;
    return reactor;
  }
  CallReactor() = default;

  // True once the caller went away, or its deadline passed.
  static std::shared_ptr<const std::atomic<bool>> CancelledFlag(const std::shared_ptr<CallReactor>& reactor) {
    return {reactor, &reactor->cancelled_};
  }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // Before the answer is given. Called when it is on its way whole, or nobody will read it; must not block.
  void WhenGone(std::function<void()> gone) { gone_ = std::move(gone); }

 private:
  void OnCancel() override { cancelled_.store(true, std::memory_order_relaxed); }
  void OnDone() override {
    if (gone_) gone_();
    self_.reset();
  }
  // Both reactions are trivial: gRPC need not move them to another thread, which costs more than they do.
  bool InternalInlineable() override { return true; }

  std::atomic<bool> cancelled_{false};
  std::function<void()> gone_;
  std::shared_ptr<CallReactor> self_;  // until OnDone
};

}  // namespace gatehouse::rpc
