// A clock that stands where the test puts it. Thread-safe.
#pragma once

#include <mutex>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace gatehouse::testing {

class FakeClock : public base::Clock {
 public:
  // 2026-01-01T00:00:00Z unless told.
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1767225600)) : now_(now) {}

  absl::Time Now() override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  void Set(absl::Time now) {
    std::lock_guard lock(mutex_);
    now_ = now;
  }
  void Advance(absl::Duration by) {
    std::lock_guard lock(mutex_);
    now_ += by;
  }

 private:
  std::mutex mutex_;
  absl::Time now_;
};

}  // namespace gatehouse::testing
