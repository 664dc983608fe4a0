// How long a call on the store may wait (sql.h, Time).
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "libs/base/deadline.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

// How often a wait looks whether it was cancelled.
inline constexpr std::chrono::milliseconds kWaitSlice{50};

// What this thread has; kDefaultTime when it has no bound.
inline base::WorkTime CallTime() {
  const base::WorkTime time = base::CurrentWorkTime();
  return time.Left() == absl::InfiniteDuration() ? base::WorkTime::In(kDefaultTime) : time;
}

// Waits until `ready()`; false when the time is over before.
template <typename Ready>
bool WaitWithin(const base::WorkTime& time, std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                Ready ready) {
  while (!ready()) {
    if (!time.Check().ok()) return false;
    const auto look = std::chrono::steady_clock::now() + kWaitSlice;
    changed.wait_until(lock, time.cancelled == nullptr ? time.until : std::min(time.until, look));
  }
  return true;
}

}  // namespace gatehouse::sql
