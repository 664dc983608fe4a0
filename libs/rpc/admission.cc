#include "libs/rpc/admission.h"

#include "libs/base/check.h"

namespace gatehouse::rpc {

void Admission::Open() {
  std::lock_guard lock(mutex_);
  closed_ = false;
}

Admission::Answer Admission::Enter() {
  std::lock_guard lock(mutex_);
  if (closed_) return Answer::kClosed;
  if (inside_ >= max_calls_) return Answer::kFull;
  ++inside_;
  return Answer::kEnter;
}

void Admission::Leave() {
  std::lock_guard lock(mutex_);
  GH_CHECK(inside_ > 0);
  if (--inside_ == 0 && closed_) empty_.notify_all();
}

bool Admission::CloseAndWait(absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return empty_.wait_for(lock, absl::ToChronoMilliseconds(timeout), [this] { return inside_ == 0; });
}

}  // namespace gatehouse::rpc
