// A call that was made on this thread (local_methods.h), as Host finds it. Private to libs/rpc.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/rpc/arrival.h"
#include "libs/rpc/local_methods.h"

namespace gatehouse::rpc {

class LocalArrival final : public Arrival {
 public:
  explicit LocalArrival(const LocalCall& call) : call_(call), cancelled_(base::CurrentWorkTime().cancelled) {}

  // The one that waits on this thread to be served, taken; null when the handler was called by gRPC.
  static std::shared_ptr<LocalArrival> Take();

  bool IsInProcess() const override { return true; }
  bool IsOnCallersThread() const override { return true; }
  std::optional<std::string_view> Certificate() const override { return std::nullopt; }
  std::optional<std::string_view> Metadata(std::string_view key) const override;
  absl::Duration TimeLeft() const override { return call_.time; }
  std::shared_ptr<const std::atomic<bool>> CancelledFlag() const override { return cancelled_; }
  void Finish(const grpc::Status& answer, std::function<void()> gone) override;

  const LocalCall& call() const { return call_; }
  // After Finish.
  const absl::Status& answer() const { return *answer_; }

 private:
  const LocalCall& call_;
  const std::shared_ptr<const std::atomic<bool>> cancelled_;
  std::optional<absl::Status> answer_;
};

}  // namespace gatehouse::rpc
