#include "libs/events/relay.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::events {
namespace {

constexpr int kMaxBackoff_ms = 5000;

// Its data stays in its row of the outbox.
DeadLetter LetterOf(const StoredEvent& stored, std::string reason) {
  DeadLetter letter{.stream = std::string(kRelayStream), .position = stored.position, .reason = std::move(reason)};
  letter.event.id = stored.event.id;
  letter.event.type = stored.event.type;
  letter.event.subject = stored.event.subject;
  letter.event.topic = stored.event.topic;
  return letter;
}

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
  std::vector<DeadLetter> letters;
  std::vector<StoredEvent> readable;
  for (StoredEvent& stored : *events) {
    if (stored.damage.ok()) {
      readable.push_back(std::move(stored));
    } else {
      letters.push_back(LetterOf(stored, std::string(stored.damage.message())));
    }
  }
  if (!readable.empty()) {
    const auto rejected = deps_.sink.Publish(readable);
    if (!rejected.ok()) return Failed(rejected.status());
    for (const Rejected& each : *rejected) {
      const auto stored = std::find_if(readable.begin(), readable.end(),
                                       [&](const StoredEvent& event) { return event.position == each.position; });
      GH_CHECK(stored != readable.end());
      letters.push_back(LetterOf(*stored, each.reason));
    }
  }
  if (const absl::Status moved = Advance(last, letters); !moved.ok()) return Failed(moved);
  std::lock_guard lock(mutex_);
  counters_.published += std::ssize(*events) - std::ssize(letters);
  counters_.set_aside += std::ssize(letters);
  counters_.last_failure = absl::OkStatus();
  return Round::kPublished;
}

absl::Status Relay::Advance(int64_t position, const std::vector<DeadLetter>& letters) {
  if (letters.empty()) return MoveCursor(deps_.database, kRelayCursor, position);
  const absl::Time now = deps_.clock->Now();
  GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
    for (const DeadLetter& letter : letters) GH_RETURN_IF_ERROR(AddDeadLetter(transaction, letter, now));
    return absl::OkStatus();
  }));
  // A crash between the two repeats the batch, and the letter is there already.
  return MoveCursor(deps_.database, kRelayCursor, position);
}

Relay::Round Relay::Failed(const absl::Status& status) {
  std::lock_guard lock(mutex_);
  ++counters_.failures;
  counters_.last_failure = status;
  return Round::kFailed;
}

}  // namespace gatehouse::events
