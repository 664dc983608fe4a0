#include "libs/base/clock.h"

#include "absl/time/clock.h"

namespace gatehouse::base {
namespace {

class RealClock final : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
};

}  // namespace

Clock& SystemClock() {
  static RealClock clock;
  return clock;
}

}  // namespace gatehouse::base
