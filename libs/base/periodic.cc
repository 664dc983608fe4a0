#include "libs/base/periodic.h"

#include <cstdio>
#include <exception>
#include <typeinfo>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/deadline.h"

namespace gatehouse::base {

Periodic::Periodic(absl::Duration pause, absl::Duration bound, std::function<void()> task)
    : pause_(pause), bound_(bound), task_(std::move(task)) {}

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

// Only the type is told: the text of an exception may quote a traveller's data.
void Periodic::RunOnce() {
  const WorkTimeScope scope(WorkTime::In(bound_));
  try {
    task_();
    threw_ = false;
  } catch (const std::exception& exception) {
    if (!std::exchange(threw_, true)) std::fprintf(stderr, "a background round threw %s\n", typeid(exception).name());
  } catch (...) {
    if (!std::exchange(threw_, true)) std::fprintf(stderr, "a background round threw what is no std::exception\n");
  }
}

void Periodic::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, absl::ToChronoNanoseconds(pause_), [this] { return stopping_ || woken_; });
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    RunOnce();
    lock.lock();
  }
}

}  // namespace gatehouse::base
