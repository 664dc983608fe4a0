// What stands between a module and a peer that does not answer. After some failures in a row the breaker opens: calls
// answer UNAVAILABLE at once, naming the peer and since when, instead of each holding a thread until its deadline; one
// call at a time goes through now and then, and the first that is answered closes it again. Even before it opens, a
// peer that is silent holds no more than its share of threads.
//
//   rpc::Breaker::Attempt attempt(peer.breaker());
//   if (!attempt.status().ok()) return attempt.status();
//   const grpc::Status status = stub->Verify(...);
//   attempt.Answered(static_cast<absl::StatusCode>(status.error_code()));
//
// While it is open the condition `<module>.peer.<service>` is raised.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/observe/conditions.h"
#include "libs/observe/metrics.h"

namespace gatehouse::rpc {

// In a row, before it opens.
inline constexpr int kBreakerFailures = 5;
// Between the end of one call that tried an open one and the next: twice as long after each that failed, up to the
// longest, so that a peer that hangs costs a lone desk one call in a while.
inline constexpr absl::Duration kBreakerPause = absl::Seconds(2);
inline constexpr absl::Duration kBreakerLongestPause = absl::Seconds(8);
// A deadline that passed sooner says more about the caller than about the peer: one in a hurry does not shut a peer
// that is slow for everybody else.
inline constexpr absl::Duration kBreakerPatience = absl::Seconds(1);
// A peer that has answered nothing for so long is silent.
inline constexpr absl::Duration kBreakerSilence = absl::Seconds(1);

// Thread-safe.
class Breaker {
 public:
  struct Deps {
    std::string module;  // that calls
    std::string peer;    // that is called
    base::Clock& clock;
    observe::Conditions& conditions;
    observe::Metrics& metrics;
    // Calls that a silent peer may hold.
    int max_held = 16;
  };
  explicit Breaker(Deps deps);

  // One call. Without Answered() it counts as neither.
  class Attempt {
   public:
    // `breaker` null: nothing stands between.
    explicit Attempt(Breaker* breaker);
    ~Attempt();
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    // OK, or UNAVAILABLE: do not call.
    const absl::Status& status() const { return status_; }
    // UNAVAILABLE, and DEADLINE_EXCEEDED after kBreakerPatience, are failures; whatever else the peer says, it answers.
    void Answered(absl::StatusCode code);

   private:
    Breaker* const breaker_;
    absl::Time begin_;
    absl::Status status_;
    bool is_trial_ = false;
    bool is_over_ = false;
  };

 private:
  absl::Status Enter(absl::Time now, bool& is_trial);
  void Leave(bool is_trial);
  void Succeeded(bool is_trial);
  void Failed(bool is_trial);
  absl::Status Refusal(const char* what, absl::Time since);

  const Deps deps_;
  const std::string condition_;
  observe::Counter& refused_;
  std::mutex mutex_;
  int in_flight_ = 0;
  int failures_ = 0;  // in a row
  bool open_ = false;
  bool trying_ = false;
  absl::Time open_since_;  // the first of the failures in a row
  absl::Time last_trial_;
  absl::Duration pause_ = kBreakerPause;  // behind the last trial
  absl::Time quiet_since_;                // the last answer, or the first call in flight after it
};

}  // namespace gatehouse::rpc
