#include "libs/base/periodic.h"

#include <utility>

#include "libs/base/check.h"

namespace gatehouse::base {

Periodic::Periodic(absl::Duration pause, std::function<void()> task) : pause_(pause), task_(std::move(task)) {}

Periodic::~Periodic() { Stop(); }

void Periodic::Start() {
  GH_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { Loop(); });
}

void Periodic::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Periodic::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Periodic::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, absl::ToChronoNanoseconds(pause_), [this] { return stopping_ || woken_; });
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    task_();
    lock.lock();
  }
}

}  // namespace gatehouse::base
