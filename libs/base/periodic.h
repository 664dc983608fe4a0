// Runs a task on a thread of its own, again and again with a pause between, until stopped. Each run has a bound: what
// blocks in it heeds that (deadline.h), so that no round in the background waits without end. A run that throws is
// over; the first of such runs in a row says so on stderr, by the type of what was thrown, and the next run comes as
// usual.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace gatehouse::base {

class Periodic {
 public:
  // Nothing runs before Start(). The first run is one `pause` after it. `bound`: the work time of one run.
  Periodic(absl::Duration pause, absl::Duration bound, std::function<void()> task);
  ~Periodic();  // stops

  void Start();
  // Returns after a run that is under way. May be called twice.
  void Stop();
  // Ends the present pause at once.
  void Wake();

 private:
  void Loop();
  void RunOnce();

  const absl::Duration pause_;
  const absl::Duration bound_;
  const std::function<void()> task_;
  bool threw_ = false;  // the last run; of the loop's thread
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::base
