// How one call came in and how its answer goes out: over gRPC, or from a thread of this process (local_methods.h).
// Private to libs/rpc.
#pragma once

#include <grpcpp/support/status.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace grpc {
class CallbackServerContext;
}

namespace gatehouse::rpc {

class CallReactor;
class Heard;

class Arrival {
 public:
  virtual ~Arrival() = default;
  // Whether no network was crossed; then it has no certificate, and proves itself by the token of this start.
  virtual bool IsInProcess() const = 0;
  // PEM, of the verified client certificate.
  virtual std::optional<std::string_view> Certificate() const = 0;
  virtual std::optional<std::string_view> Metadata(std::string_view key) const = 0;
  // Until the caller gives up; InfiniteDuration when it set no deadline.
  virtual absl::Duration TimeLeft() const = 0;
  // True once nobody waits for the answer; null: somebody always does.
  virtual std::shared_ptr<const std::atomic<bool>> CancelledFlag() const = 0;
  // Whether the thread that made the call waits in it, so that it is served there.
  virtual bool IsOnCallersThread() const { return false; }
  // The client's library must not send the call again by itself.
  virtual void ForbidRetry() {}
  // Once, the last thing. `gone` is called when the answer is on its way whole, or nobody will read it.
  virtual void Finish(const grpc::Status& answer, std::function<void()> gone) = 0;
};

// `context` and `reactor` are of one call of gRPC, and both live until its Finish.
// `heard` is told what becomes of the call; null: nobody is. Outlives the call.
std::shared_ptr<Arrival> MakeGrpcArrival(grpc::CallbackServerContext& context, std::shared_ptr<CallReactor> reactor,
                                         Heard* heard);

}  // namespace gatehouse::rpc
