#include "libs/base/worker_pool.h"

#include <system_error>
#include <utility>

#include "libs/base/check.h"

namespace gatehouse::base {

WorkerPool::WorkerPool(size_t threads, size_t queue_bound) : max_threads_(threads), queue_bound_(queue_bound) {
  GH_CHECK(threads > 0);
  threads_.reserve(threads);
}

// With the lock. A machine that gives no more threads leaves those that are there with the work.
void WorkerPool::StartWorker() {
  if (threads_.size() >= max_threads_) return;
  try {
    threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
  }
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TrySubmit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (closing_ || queue_.size() >= queue_bound_) return false;
    if (idle_ == 0) StartWorker();
    if (threads_.empty()) return false;
    queue_.push_back(std::move(task));
    if (waking_ || idle_ == 0) return true;
    waking_ = true;
  }
  ready_.notify_one();
  return true;
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (queue_.empty()) {
      if (closing_) return;
      ++idle_;
      ready_.wait(lock);  // the loop is the predicate: whoever was woken has come, also when there is nothing left
      --idle_;
      waking_ = false;
      continue;
    }
    std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    // The task may block, so somebody else looks after the rest.
    const bool wake_another = !queue_.empty() && !waking_ && idle_ > 0;
    waking_ = waking_ || wake_another;
    if (!closing_ && !queue_.empty() && idle_ == 0) StartWorker();
    lock.unlock();
    if (wake_another) ready_.notify_one();
    task();
    task = nullptr;  // destroyed outside the lock: it may hold the last reference to something large
    lock.lock();
  }
}

}  // namespace gatehouse::base
