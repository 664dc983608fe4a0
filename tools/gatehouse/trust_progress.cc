#include "tools/gatehouse/trust_progress.h"

#include <chrono>

#include "tools/gatehouse/progress_bar.h"

namespace gatehouse::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{200};

}  // namespace

TrustProgressWatch::TrustProgressWatch(Context& context, TrustStub& stub) : context_(context), stub_(stub) {
  if (context.progress) thread_ = std::thread([this] { Watch(); });
}

TrustProgressWatch::~TrustProgressWatch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void TrustProgressWatch::Watch() {
  ProgressBar bar(context_);
  std::unique_lock lock(mutex_);
  while (bar.active() && !ended_.wait_for(lock, kInterval, [this] { return done_; })) {
    lock.unlock();
    gatehouse::document::v1::GetTrustProgressResponse progress;
    const auto call = NewCall(context_);
    const bool answered = stub_.GetTrustProgress(call.get(), {}, &progress).ok();
    if (answered && !progress.step().empty()) {
      bar.Show(progress.step(), static_cast<size_t>(progress.done()), static_cast<size_t>(progress.total()));
    }
    lock.lock();
    if (!answered) return;
  }
}

}  // namespace gatehouse::cli
