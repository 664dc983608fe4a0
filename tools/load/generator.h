// Sends passages to an inspection service: a traveller is inspected, then admitted. Each passage has a request id of
// its own and enters and leaves by turns, so that histories grow as they do at a border.
//
// At a rate (open loop) passage i is due at start + i / rate whether or not earlier ones were answered, and its latency
// counts from when it was *due*: a server that stalls is charged with everyone who had to wait meanwhile (no
// coordinated omission). At saturation a fixed number is always in flight and latency counts from when the passage was
// sent.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gatehouse/document/v1/document.pb.h"
#include "gatehouse/inspection/v1/inspection_service.pb.h"
#include "tools/load/latencies.h"

namespace grpc {
class Channel;
}

namespace gatehouse::load {

// Bounds passages in flight at a rate; a passage that finds it full is sent late, and its latency shows it.
inline constexpr int kMaxInFlight = 512;

struct Plan {
  double rate = 0;       // passages a second; 0: saturation
  int concurrency = 32;  // in flight at saturation, 1 to kMaxInFlight
  // Passages due (or, at saturation, sent) during the warm-up are not counted.
  absl::Duration warm_up = absl::Seconds(2);
  absl::Duration duration = absl::Seconds(20);
  // What ends the run early. Errors of the warm-up count here too.
  int64_t max_passages = 1'000'000;
  int64_t max_errors = 100;
  absl::Duration call_timeout = absl::Seconds(10);
  // Called for every decision that was acknowledged, one call at a time; may be null.
  std::function<void(const gatehouse::inspection::v1::DecideResponse&)> acknowledged;
};

struct Result {
  absl::Duration measured;  // of the plan's duration, what was run
  Latencies inspect;        // from due (or sent) to the answer
  Latencies decide;
  Latencies passage;     // both
  int64_t finished = 0;  // passages that ended well within `measured`: the rate
  int64_t cleared = 0;   // by the recommendation
  int64_t referred = 0;
  int64_t stored = 0;  // by the state of the crossing
  int64_t pending = 0;
  std::map<std::string, int64_t> errors;  // "Inspect UNAVAILABLE" -> how many
};

// Blocks until the last passage in flight is answered. `documents` are used in turn and must not be empty.
Result Generate(std::shared_ptr<grpc::Channel> channel,
                const std::vector<gatehouse::document::v1::DocumentInput>& documents, const Plan& plan);

}  // namespace gatehouse::load
