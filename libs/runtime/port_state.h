// What the looks at the own port say over time: whether it has been deaf for so long that only a new process helps, and
// whether it turns away who comes. Private to libs/runtime; each of one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/server.h"

namespace gatehouse::runtime {

// One deaf answer counts for at most this: a process that was stopped for an hour was not deaf for an hour.
inline constexpr absl::Duration kLongestDeafRound = absl::Seconds(10);

class Deafness {
 public:
  // `limit`: of the rounds together that ended deaf, without one that was heard between.
  explicit Deafness(absl::Duration limit) : limit_(limit) {}

  // The answer of rpc::Server::ProbePort, `round` after the one before. True when the limit is reached. UNKNOWN counts
  // for neither: that the asker has no socket says nothing about the port.
  bool Asked(const absl::Status& heard, absl::Duration round);

 private:
  const absl::Duration limit_;
  absl::Duration deaf_;
};

// A flood that comes and goes is one condition.
inline constexpr absl::Duration kCrowdingPatience = absl::Minutes(1);

class Crowding {
 public:
  // Why connections are refused, naming the first that was since it began; none when none was for kCrowdingPatience.
  // `now` by the steady clock.
  std::optional<std::string> Look(const rpc::ConnectionCounts& counts, absl::Duration now);

 private:
  int64_t refused_ = 0;
  absl::Duration last_;
  std::optional<std::string> why_;
};

}  // namespace gatehouse::runtime
