// How long the work of this thread may last, and whether anybody still waits for it. A server sets it once for the
// thread that runs a call's body; whatever blocks below (a store, a peer, a long loop) heeds it without its being
// handed through every signature (docs/decisions/0017-the-time-of-a-thread.md).
//
//   const base::WorkTimeScope scope(time);                 // rpc::Handle, a background round
//   GH_RETURN_IF_ERROR(base::CheckWorkTime());             // between the steps of a long loop
//   pool.TrySubmit([time = base::CurrentWorkTime(), ...] { // what goes to another thread takes its time along
//     const base::WorkTimeScope scope(time);
//     ...
//   });
//
// By the steady clock: a wait is as long as it is, whatever happens to the time of day. A thread without a scope has no
// bound: what runs in the background sets its own.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace gatehouse::base {

// A value; copies share the flag.
struct WorkTime {
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  // Set by whoever waits for the work when it goes away; null: it never does. May be set from any thread.
  std::shared_ptr<const std::atomic<bool>> cancelled;

  // From now; never more than `left` of what this thread has already (a scope inside another only shortens).
  static WorkTime In(absl::Duration left, std::shared_ptr<const std::atomic<bool>> cancelled = nullptr);

  // InfiniteDuration without a bound; zero or less when it is over.
  absl::Duration Left() const;
  // OK, DEADLINE_EXCEEDED or CANCELLED.
  absl::Status Check() const;
};

// Puts a time in force on this thread until destroyed; then the one before counts again. An inner scope never lasts
// longer than the outer one, and is cancelled with it only when it was made from it.
class WorkTimeScope {
 public:
  explicit WorkTimeScope(WorkTime time);
  ~WorkTimeScope();
  WorkTimeScope(const WorkTimeScope&) = delete;
  WorkTimeScope& operator=(const WorkTimeScope&) = delete;

 private:
  WorkTime time_;
  const WorkTime* const outer_;
};

// What is in force on this thread; unbounded without a scope.
WorkTime CurrentWorkTime();
inline absl::Status CheckWorkTime() { return CurrentWorkTime().Check(); }

}  // namespace gatehouse::base
