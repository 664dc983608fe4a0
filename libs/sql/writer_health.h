// Whether writing works, judged by what the writer did last. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "absl/status/status.h"

namespace gatehouse::sql {

class WriterHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void BatchBegins(Time now) { under_way_since_ = now; }
  // `wrote`: something was committed. `failure`: the store's own, not a command's; OK when there was none.
  void BatchEnded(Time now, bool wrote, const absl::Status& failure);

  // UNAVAILABLE, or RESOURCE_EXHAUSTED for a full disk, with what fails and for how long.
  absl::Status Judge(Time now) const;
  // True when the last word is old or bad, so that a write should be tried.
  bool WantsProbe(Time now) const;

 private:
  std::optional<Time> under_way_since_;
  std::optional<Time> wrote_at_;
  std::optional<Time> failed_at_;  // the newest failure
  Time failing_since_;             // the first one since a write went well
  absl::Status failure_;
};

}  // namespace gatehouse::sql
