// Runs a task on a thread of its own, again and again with a pause between, until stopped.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace gatehouse::base {

class Periodic {
 public:
  // Nothing runs before Start(). The first run is one `pause` after it.
  Periodic(absl::Duration pause, std::function<void()> task);
  ~Periodic();  // stops

  void Start();
  // Returns after a run that is under way. May be called twice.
  void Stop();
  // Ends the present pause at once.
  void Wake();

 private:
  void Loop();

  const absl::Duration pause_;
  const std::function<void()> task_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::base
