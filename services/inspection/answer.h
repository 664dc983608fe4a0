// Asking in parallel and never waiting past a deadline. Ask() runs a question on a pool; the asker waits for the answer
// as long as it has time and then goes on without it. A late answer is dropped: what it needs is kept alive by the
// question itself, so a question captures by value or by shared_ptr. A question has the time of its asker and no more
// (libs/base/deadline.h), is cancelled when the asker goes on without it, and does not begin any more when nobody
// waits: behind a peer that hangs nothing piles up. One that throws has answered INTERNAL.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/deadline.h"
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
  PendingAnswer(PendingAnswer&&) noexcept = default;
  PendingAnswer& operator=(PendingAnswer&&) noexcept = default;
  // Whoever drops it waits no longer.
  ~PendingAnswer() {
    if (slot_ != nullptr) slot_->given_up = true;
  }

  // The answer, or nothing when it does not come in time, or when the asker's own caller went away. Call once.
  std::optional<Answer<T>> WaitUntil(const Countdown& countdown) {
    const base::WorkTime mine = base::CurrentWorkTime();
    std::unique_lock lock(slot_->mutex);
    const auto done = [this] { return slot_->answer.has_value(); };
    while (!done() && mine.Check().ok()) {
      const auto look = std::min(countdown.end(), std::chrono::steady_clock::now() + kLookForCaller);
      if (slot_->arrived.wait_until(lock, look, done) || look == countdown.end()) break;
    }
    return std::exchange(slot_->answer, std::nullopt);
  }

 private:
  // How often an asker looks whether anybody still waits for himself.
  static constexpr std::chrono::milliseconds kLookForCaller{50};
  struct Slot {
    std::atomic<bool> given_up = false;
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer<T>> answer;
  };
  template <typename U>
  friend std::optional<PendingAnswer<U>> Ask(base::WorkerPool* pool, absl::Duration time, std::function<U()> question);

  PendingAnswer() = default;
  std::shared_ptr<Slot> slot_ = std::make_shared<Slot>();
};

// The text of an exception may quote what was asked about, so only that there was one is told.
template <typename T>
T Put(const std::function<T()>& question) {
  try {
    return question();
  } catch (...) {
    return T(absl::InternalError("the question threw"));
  }
}

// `time`: what the question has, from now. Without a pool it is asked on this thread before this returns: right where
// whoever is asked answers on this thread too. Nothing when the pool is full.
template <typename T>
std::optional<PendingAnswer<T>> Ask(base::WorkerPool* pool, absl::Duration time, std::function<T()> question) {
  PendingAnswer<T> pending;
  if (pool == nullptr) {
    const base::WorkTimeScope scope(base::WorkTime::In(time, base::CurrentWorkTime().cancelled));
    const Stopwatch stopwatch;
    T value = Put(question);
    pending.slot_->answer = Answer<T>{std::move(value), stopwatch.Elapsed()};
    return pending;
  }
  const std::shared_ptr<const std::atomic<bool>> given_up(pending.slot_, &pending.slot_->given_up);
  const bool accepted = pool->TrySubmit(
      [slot = pending.slot_, work_time = base::WorkTime::In(time, given_up), question = std::move(question)] {
        if (!work_time.Check().ok()) return;
        const base::WorkTimeScope scope(work_time);
        const Stopwatch stopwatch;
        T value = Put(question);
        std::lock_guard lock(slot->mutex);
        slot->answer = Answer<T>{std::move(value), stopwatch.Elapsed()};
        slot->arrived.notify_one();
      });
  if (!accepted) return std::nullopt;
  return pending;
}

}  // namespace gatehouse::inspection
