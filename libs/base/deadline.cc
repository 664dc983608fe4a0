#include "libs/base/deadline.h"

#include <algorithm>
#include <utility>

namespace gatehouse::base {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// Longer is no bound at all, and would overflow the clock's own arithmetic.
constexpr absl::Duration kLongest = absl::Hours(24 * 365);

thread_local const WorkTime* current = nullptr;

}  // namespace

WorkTime WorkTime::In(absl::Duration left, std::shared_ptr<const std::atomic<bool>> cancelled) {
  WorkTime time = CurrentWorkTime();
  if (left < kLongest) {
    const SteadyTime until =
        std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::max(left, absl::ZeroDuration()));
    time.until = std::min(time.until, until);
  }
  if (cancelled != nullptr) time.cancelled = std::move(cancelled);
  return time;
}

absl::Duration WorkTime::Left() const {
  if (until == SteadyTime::max()) return absl::InfiniteDuration();
  return absl::FromChrono(until - std::chrono::steady_clock::now());
}

absl::Status WorkTime::Check() const {
  if (cancelled != nullptr && cancelled->load(std::memory_order_relaxed)) {
    return absl::CancelledError("nobody waits for this any more");
  }
  if (Left() <= absl::ZeroDuration()) return absl::DeadlineExceededError("the time for this is over");
  return absl::OkStatus();
}

WorkTimeScope::WorkTimeScope(WorkTime time) : time_(std::move(time)), outer_(current) {
  if (outer_ != nullptr) time_.until = std::min(time_.until, outer_->until);
  current = &time_;
}

WorkTimeScope::~WorkTimeScope() { current = outer_; }

WorkTime CurrentWorkTime() { return current == nullptr ? WorkTime{} : *current; }

}  // namespace gatehouse::base
