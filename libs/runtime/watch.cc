#include "libs/runtime/watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/deadline.h"

namespace gatehouse::runtime {

using SteadyClock = std::chrono::steady_clock;

Watch::Watch(std::string name, std::function<absl::Status()> ask, Options options)
    : name_(std::move(name)), ask_(std::move(ask)), options_(options) {}

Watch::~Watch() { GH_CHECK(Stop(options_.limit)); }

void Watch::Start() {
  GH_CHECK(!thread_.joinable());
  ended_ = false;
  asking_ = true;  // counts from here: also a thread that never gets to run is an answer that does not come
  asked_ = SteadyClock::now();
  thread_ = std::thread([this] { Loop(); });
}

void Watch::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    asking_ = true;
    asked_ = SteadyClock::now();
    lock.unlock();
    absl::Status answer;
    {
      const base::WorkTimeScope scope(base::WorkTime::In(options_.limit));
      answer = ask_();
    }
    lock.lock();
    asking_ = false;
    answered_ = true;
    answer_ = std::move(answer);
    changed_.notify_all();
    changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.pause), [this] { return stopping_; });
  }
  ended_ = true;
  changed_.notify_all();
}

absl::Status Watch::Answer() {
  std::unique_lock lock(mutex_);
  const auto limit = absl::ToChronoMilliseconds(options_.limit);
  if (!answered_) changed_.wait_until(lock, asked_ + limit, [this] { return answered_; });
  if (!answered_ || (asking_ && SteadyClock::now() - asked_ >= limit)) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer within ", absl::FormatDuration(options_.limit), ", and none yet"));
  }
  return answer_;
}

bool Watch::Stop(absl::Duration limit) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (!changed_.wait_for(lock, absl::ToChronoMilliseconds(limit), [this] { return ended_; })) return false;
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

}  // namespace gatehouse::runtime
