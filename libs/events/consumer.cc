#include "libs/events/consumer.h"

#include <span>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/events/dead_letters.h"

namespace gatehouse::events {
namespace {

constexpr char kKnow[] =
    "INSERT INTO event_inbox (consumer, id, handled_us) VALUES (?, ?, ?)"
    " ON CONFLICT (consumer, id) DO NOTHING RETURNING 1";

// Only ages are measured by it, in weeks (pruner.h).
int64_t NowMicros() { return absl::ToUnixMicros(base::SystemClock().Now()); }

bool IsOfTheWorld(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsAborted(status) || absl::IsResourceExhausted(status);
}

// Records the id and handles the event; false when the id was known.
absl::StatusOr<bool> HandleNew(sql::Transaction& transaction, std::string_view group, const Event& event,
                               const Handler& handler) {
  GH_ASSIGN_OR_RETURN(const auto inserted, transaction.Query(kKnow, {std::string(group), event.id, NowMicros()}));
  if (inserted.empty()) return false;
  GH_RETURN_IF_ERROR(handler(transaction, event));
  return true;
}

absl::StatusOr<ConsumeResult> HandleTogether(sql::Database& database, std::string_view group,
                                             std::span<const Event> events, const Handler& handler) {
  ConsumeResult result;
  const auto handle_all = [&](sql::Transaction& transaction) -> absl::Status {
    result = {};  // a command may run more than once
    for (const Event& event : events) {
      GH_ASSIGN_OR_RETURN(const bool handled, HandleNew(transaction, group, event, handler));
      ++(handled ? result.handled : result.repeated);
    }
    return absl::OkStatus();
  };
  GH_RETURN_IF_ERROR(database.Write(handle_all));
  return result;
}

// Kept as a dead letter and known from now on, in one transaction.
absl::Status PutAside(sql::Database& database, std::string_view group, const Event& event, const absl::Status& why,
                      base::Clock& clock) {
  return database.Write([&](sql::Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(transaction.Query(kKnow, {std::string(group), event.id, NowMicros()}).status());
    return AddDeadLetter(transaction,
                         {.stream = absl::StrCat(std::string(kConsumerStreamPrefix), std::string(group)),
                          .event = event,
                          .reason = why.ToString()},
                         clock.Now());
  });
}

// OK when the event was set aside, else its failure.
absl::Status AfterFailure(sql::Database& database, std::string_view group, const Event& event, const absl::Status& why,
                          SetAside* set_aside) {
  if (set_aside == nullptr || IsOfTheWorld(why)) return why;
  if (set_aside->failing_id != event.id) {
    set_aside->failing_id = event.id;
    set_aside->tries = 0;
  }
  if (++set_aside->tries < set_aside->max_tries) return why;
  GH_RETURN_IF_ERROR(PutAside(database, group, event, why, *set_aside->clock));
  if (set_aside->report) set_aside->report(event, why);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ConsumeResult> ConsumeOnce(Source& source, sql::Database& database, std::string_view group,
                                          const Handler& handler, int limit, absl::Duration timeout,
                                          SetAside* set_aside) {
  GH_ASSIGN_OR_RETURN(const std::vector<Event> events, source.Poll(limit, timeout));
  if (events.empty()) {
    // Nothing for us, and yet the source may have passed over records that are no events.
    GH_RETURN_IF_ERROR(source.Commit());
    return ConsumeResult{};
  }
  absl::StatusOr<ConsumeResult> result = HandleTogether(database, group, events, handler);
  if (!result.ok()) {
    ConsumeResult total;
    for (const Event& event : events) {
      const auto one = events.size() == 1 ? result : HandleTogether(database, group, std::span(&event, 1), handler);
      if (one.ok()) {
        total.handled += one->handled;
        total.repeated += one->repeated;
      } else {
        GH_RETURN_IF_ERROR(AfterFailure(database, group, event, one.status(), set_aside));
        ++total.set_aside;
      }
    }
    result = total;
  }
  GH_RETURN_IF_ERROR(source.Commit());
  return result;
}

}  // namespace gatehouse::events
