// A bounded pool of threads: workers up to a number, started when there is work for them, a queue with a bound, no
// surprise. Domain code may block in it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::base {

class WorkerPool {
 public:
  // At most `threads` workers, each started when none is idle and kept; at most `queue_bound` tasks wait.
  WorkerPool(size_t threads, size_t queue_bound);
  // Finishes what was accepted, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full, the pool is closing, or the machine gives not even one thread: the caller answers
  // RESOURCE_EXHAUSTED. Thread-safe. Tasks do not throw.
  bool TrySubmit(std::function<void()> task);

 private:
  void Work();
  void StartWorker();

  const size_t max_threads_;
  const size_t queue_bound_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool closing_ = false;
  size_t idle_ = 0;
  // One worker has been woken and has not come yet. It wakes the next if there is more to do: a burst of tasks costs
  // one wake-up each at most, and far fewer when tasks are short.
  bool waking_ = false;
  std::vector<std::thread> threads_;  // guarded by mutex_ until closing_
};

}  // namespace gatehouse::base
