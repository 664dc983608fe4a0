// Asking in parallel and never waiting past a deadline. Ask() runs a question on a pool; the asker waits for the answer
// as long as it has time and then goes on without it. A late answer is dropped: what it needs is kept alive by the
// question itself, so a question captures by value or by shared_ptr.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/worker_pool.h"

namespace gatehouse::inspection {

// The time left for something, in real time: waiting is real also where a test's clock stands still.
class Countdown {
 public:
  explicit Countdown(absl::Duration budget) : end_(std::chrono::steady_clock::now() + ToChrono(budget)) {}
  absl::Duration Left() const { return absl::FromChrono(end_ - std::chrono::steady_clock::now()); }
  std::chrono::steady_clock::time_point end() const { return end_; }

 private:
  static std::chrono::steady_clock::duration ToChrono(absl::Duration duration) {
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(absl::ToChronoNanoseconds(duration));
  }
  std::chrono::steady_clock::time_point end_;
};

class Stopwatch {
 public:
  absl::Duration Elapsed() const { return absl::FromChrono(std::chrono::steady_clock::now() - start_); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

template <typename T>
struct Answer {
  T value;
  absl::Duration duration;  // the question took
};

template <typename T>
class PendingAnswer {
 public:
  // The answer, or nothing when it does not come in time. Call once.
  std::optional<Answer<T>> WaitUntil(const Countdown& countdown) {
    std::unique_lock lock(slot_->mutex);
    slot_->arrived.wait_until(lock, countdown.end(), [this] { return slot_->answer.has_value(); });
    return std::exchange(slot_->answer, std::nullopt);
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer<T>> answer;
  };
  template <typename U>
  friend std::optional<PendingAnswer<U>> Ask(base::WorkerPool& pool, std::function<U()> question);

  std::shared_ptr<Slot> slot_ = std::make_shared<Slot>();
};

// Nothing when the pool is full.
template <typename T>
std::optional<PendingAnswer<T>> Ask(base::WorkerPool& pool, std::function<T()> question) {
  PendingAnswer<T> pending;
  const bool accepted = pool.TrySubmit([slot = pending.slot_, question = std::move(question)] {
    const Stopwatch stopwatch;
    T value = question();
    std::lock_guard lock(slot->mutex);
    slot->answer = Answer<T>{std::move(value), stopwatch.Elapsed()};
    slot->arrived.notify_one();
  });
  if (!accepted) return std::nullopt;
  return pending;
}

}  // namespace gatehouse::inspection
