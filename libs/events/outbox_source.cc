#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/events/consumer.h"
#include "libs/events/outbox.h"

namespace gatehouse::events {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(20);

class OutboxSource : public Source {
 public:
  OutboxSource(Outbox& outbox, sql::Database& database, std::string group)
      : outbox_(outbox), database_(database), cursor_("source." + std::move(group)) {}

  absl::StatusOr<std::vector<Event>> Poll(int limit, absl::Duration timeout) override {
    GH_ASSIGN_OR_RETURN(int64_t position, ReadCursor(database_, cursor_));
    const absl::Time deadline = absl::Now() + timeout;
    while (true) {
      GH_ASSIGN_OR_RETURN(auto stored, outbox_.Read(position, std::clamp(limit, 1, 1000)));
      if (!stored.empty()) position = stored.back().position;
      const bool more = !stored.empty();
      std::vector<Event> events = Take(std::move(stored));
      const absl::Duration left = deadline - absl::Now();
      if (!events.empty() || left <= absl::ZeroDuration()) return events;
      if (more) continue;  // nothing but damaged rows so far
      absl::SleepFor(std::min(left, kPollInterval));
    }
  }

  absl::Status Commit() override {
    if (polled_ == 0) return absl::OkStatus();
    GH_RETURN_IF_ERROR(MoveCursor(database_, cursor_, polled_));
    polled_ = 0;
    return absl::OkStatus();
  }

 private:
  std::vector<Event> Take(std::vector<StoredEvent> stored) {
    std::vector<Event> events;
    events.reserve(stored.size());
    for (StoredEvent& each : stored) {
      polled_ = each.position;
      // The relay and the list of events report it; waiting for it would end the stream.
      if (!each.damage.ok()) continue;
      events.push_back(std::move(each.event));
    }
    return events;
  }

  Outbox& outbox_;
  sql::Database& database_;
  const std::string cursor_;
  int64_t polled_ = 0;  // the newest position handed out and not committed; 0 when none
};

}  // namespace

std::unique_ptr<Source> MakeOutboxSource(Outbox& outbox, sql::Database& database, std::string group) {
  return std::make_unique<OutboxSource>(outbox, database, std::move(group));
}

}  // namespace gatehouse::events
