#include "libs/events/relay.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::events {
namespace {

constexpr int kMaxBackoff_ms = 5000;

}  // namespace

Relay::Relay(Deps deps) : deps_(std::move(deps)) {
  GH_CHECK(deps_.batch_size >= 1 && deps_.batch_size <= 1000 && deps_.idle_poll_ms > 0);
}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  GH_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { Loop(); });
}

void Relay::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Relay::Wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

Relay::Counters Relay::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

void Relay::Loop() {
  int backoff_ms = deps_.idle_poll_ms;
  while (true) {
    const Round round = Lead() ? PublishOnce() : Round::kIdle;
    if (round != Round::kFailed) backoff_ms = deps_.idle_poll_ms;
    std::unique_lock lock(mutex_);
    if (stopping_) break;
    if (round == Round::kPublished) continue;
    // A failing sink is not asked sooner because more was committed.
    wake_.wait_for(lock, std::chrono::milliseconds(backoff_ms),
                   [&] { return stopping_ || (woken_ && round == Round::kIdle); });
    woken_ = false;
    if (round == Round::kFailed) backoff_ms = std::min(2 * backoff_ms, kMaxBackoff_ms);
  }
  lease_.reset();
}

bool Relay::Lead() {
  if (lease_ == nullptr || !lease_->Held()) {
    lease_.reset();
    auto lease = deps_.database.TryLead("relay." + deps_.name);
    if (lease.ok()) lease_ = std::move(lease).value();
  }
  std::lock_guard lock(mutex_);
  counters_.leading = lease_ != nullptr;
  return counters_.leading;
}

Relay::Round Relay::PublishOnce() {
  const auto published = deps_.outbox.PublishedPosition();
  if (!published.ok()) return Failed(published.status());
  auto events = deps_.outbox.Read(*published, deps_.batch_size);
  if (!events.ok()) return Failed(events.status());
  if (events->empty()) return Round::kIdle;
  const int64_t last = events->back().position;
  const auto damaged = std::stable_partition(events->begin(), events->end(),
                                             [](const StoredEvent& stored) { return stored.damage.ok(); });
  const std::vector<StoredEvent> lost(damaged, events->end());
  events->erase(damaged, events->end());
  if (!events->empty()) {
    if (const absl::Status sent = deps_.sink.Publish(*events); !sent.ok()) return Failed(sent);
  }
  const absl::Status moved = MoveCursor(deps_.database, kRelayCursor, last);
  if (!moved.ok()) return Failed(moved);
  std::lock_guard lock(mutex_);
  counters_.published += static_cast<int64_t>(events->size());
  counters_.damaged += static_cast<int64_t>(lost.size());
  for (const StoredEvent& each : lost) {
    counters_.last_damage =
        absl::DataLossError(absl::StrCat("event at position ", each.position, ": ", each.damage.message()));
  }
  counters_.last_failure = absl::OkStatus();
  return Round::kPublished;
}

Relay::Round Relay::Failed(const absl::Status& status) {
  std::lock_guard lock(mutex_);
  ++counters_.failures;
  counters_.last_failure = status;
  return Round::kFailed;
}

}  // namespace gatehouse::events
