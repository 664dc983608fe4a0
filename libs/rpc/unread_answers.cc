#include "libs/rpc/unread_answers.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

namespace gatehouse::rpc {
namespace {

absl::Duration SteadyNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

void UnreadAnswers::Add(grpc::CallbackServerContext* context) {
  std::lock_guard lock(mutex_);
  since_.emplace(context, SteadyNow());
}

void UnreadAnswers::Remove(grpc::CallbackServerContext* context) {
  std::lock_guard lock(mutex_);
  since_.erase(context);
}

int UnreadAnswers::GiveUp(absl::Duration patience) {
  const absl::Duration now = SteadyNow();
  int given_up = 0;
  std::lock_guard lock(mutex_);
  for (auto& [context, since] : since_) {
    if (now - since <= patience) continue;
    context->TryCancel();  // under the lock, so that it has not ended yet; gRPC then says that it is done
    since = absl::InfiniteDuration();
    ++given_up;
  }
  return given_up;
}

}  // namespace gatehouse::rpc
