#include "tools/load/latencies.h"

#include <algorithm>
#include <cmath>

#include "libs/base/check.h"

namespace gatehouse::load {

absl::Duration Latencies::Percentile(double percent) const {
  GH_CHECK(percent >= 0 && percent <= 100);
  if (samples_.empty()) return absl::ZeroDuration();
  std::vector<absl::Duration> sorted = samples_;
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place;
}

}  // namespace gatehouse::load
