// How far a long work on trust material has come, for whoever waits for it.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace gatehouse::pki {

struct Progress {
  std::string_view step;  // "reading", "verifying"; lasts
  size_t done = 0;
  size_t total = 0;
};

// Called from the thread that works, every kProgressInterval things and at the end of a step. May be empty.
using ProgressListener = std::function<void(const Progress&)>;
inline constexpr size_t kProgressInterval = 64;

// One step, counted.
class ProgressStep {
 public:
  ProgressStep(const ProgressListener& listener, std::string_view step, size_t total)
      : listener_(listener), progress_{step, 0, total} {
    Tell();
  }
  void Done() {
    ++progress_.done;
    if (progress_.done % kProgressInterval == 0 || progress_.done == progress_.total) Tell();
  }

 private:
  void Tell() const {
    if (listener_) listener_(progress_);
  }
  const ProgressListener& listener_;
  Progress progress_;
};

}  // namespace gatehouse::pki
