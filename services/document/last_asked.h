// When a store that other replicas change too last said what it holds. What is in memory is the newest as far as that
// is known; a replica that has not been told for a while knows neither that it is nor that it is not, and clears
// nobody.
#pragma once

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace gatehouse::document {

// What is in memory answers so long while the store does not say what it holds.
inline constexpr absl::Duration kMaxUnasked = absl::Minutes(5);

// Not thread-safe.
class LastAsked {
 public:
  explicit LastAsked(base::Clock& clock) : clock_(clock) {}

  void Answered() { time_ = clock_.Now(); }
  // A time that is yet to come says that a clock is or was wrong, and nothing about the store.
  bool IsLongAgo() const {
    const absl::Time now = clock_.Now();
    return time_ > now || now - time_ >= kMaxUnasked;
  }

 private:
  base::Clock& clock_;
  absl::Time time_ = absl::InfinitePast();
};

}  // namespace gatehouse::document
