// Asks one question again and again on a thread of its own, so that an answer that never comes blocks nobody: whoever
// wants to know reads the last answer, or that there has been none for too long. Private to libs/runtime.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace gatehouse::runtime {

class Watch {
 public:
  struct Options {
    absl::Duration pause = absl::Seconds(2);
    // An answer takes at most this; the question's thread has as much work time (libs/base/deadline.h).
    absl::Duration limit = absl::Seconds(5);
  };
  Watch(std::string name, std::function<absl::Status()> ask, Options options);
  // Stopped before: a thread that still asks would outlive what it asks.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  const std::string& name() const { return name_; }
  void Start();
  // The last answer. DEADLINE_EXCEEDED when the question has been out for longer than its limit; waits for the very
  // first answer within it.
  absl::Status Answer();
  // False when a question is still out at the limit; may be asked again.
  bool Stop(absl::Duration limit);

 private:
  void Loop();

  const std::string name_;
  const std::function<absl::Status()> ask_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool ended_ = true;
  bool answered_ = false;
  bool asking_ = false;
  std::chrono::steady_clock::time_point asked_;
  absl::Status answer_;
  std::thread thread_;
};

}  // namespace gatehouse::runtime
