// The door of a process: counts the calls from outside that are in flight over all its modules, bounds them, opens when
// the modules have started, and closes for the drain. Calls between modules of one process do not pass it: they are
// part of a call that did, which must be able to finish while the door is closed.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace gatehouse::rpc {

// Thread-safe.
class Admission {
 public:
  explicit Admission(int max_calls) : max_calls_(max_calls) {}

  enum class Answer { kEnter, kFull, kClosed };
  // Closed until opened.
  void Open();

  // After kEnter the call leaves once.
  Answer Enter();
  void Leave();

  // Nobody enters any more; waits until all have left. False when the timeout came first.
  bool CloseAndWait(absl::Duration timeout);

 private:
  const int max_calls_;
  std::mutex mutex_;
  std::condition_variable empty_;
  int inside_ = 0;
  bool closed_ = true;
};

}  // namespace gatehouse::rpc
