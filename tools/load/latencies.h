// Times that calls took, and their percentiles. Every sample is kept (8 bytes), so a percentile is one that was
// measured.
#pragma once

#include <vector>

#include "absl/time/time.h"

namespace gatehouse::load {

// Not thread-safe.
class Latencies {
 public:
  void Add(absl::Duration latency) { samples_.push_back(latency); }
  size_t size() const { return samples_.size(); }

  // Nearest rank: the smallest sample that at least `percent` (0 to 100) of all samples do not exceed. Zero when there
  // is none.
  absl::Duration Percentile(double percent) const;
  absl::Duration Max() const { return Percentile(100); }

 private:
  std::vector<absl::Duration> samples_;
};

}  // namespace gatehouse::load
