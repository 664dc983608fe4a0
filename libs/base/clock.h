// Time is given to whatever needs it: every constructor that needs "now" takes a Clock, so that a border day can be
// replayed and a test can stand at the hour it wants. libs/testing has the fake.
#pragma once

#include "absl/time/time.h"

namespace gatehouse::base {

// Thread-safe. Now() never goes back by design of its users, not by promise of the system: order events by position,
// never by time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
};

// The process-wide system clock; never deleted.
Clock& SystemClock();

}  // namespace gatehouse::base
