#include "libs/events/consumer.h"

#include <span>

#include "libs/base/status_macros.h"

namespace gatehouse::events {
namespace {

// Records the id and handles the event; false when the id was known.
absl::StatusOr<bool> HandleNew(sql::Transaction& transaction, std::string_view group, const Event& event,
                               const Handler& handler) {
  GH_ASSIGN_OR_RETURN(const auto inserted, transaction.Query("INSERT INTO event_inbox (consumer, id) VALUES (?, ?)"
                                                             " ON CONFLICT (consumer, id) DO NOTHING RETURNING 1",
                                                             {std::string(group), event.id}));
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

}  // namespace

absl::StatusOr<ConsumeResult> ConsumeOnce(Source& source, sql::Database& database, std::string_view group,
                                          const Handler& handler, int limit, absl::Duration timeout) {
  GH_ASSIGN_OR_RETURN(const std::vector<Event> events, source.Poll(limit, timeout));
  if (events.empty()) {
    // Nothing for us, and yet the source may have passed over records that are no events.
    GH_RETURN_IF_ERROR(source.Commit());
    return ConsumeResult{};
  }
  auto result = HandleTogether(database, group, events, handler);
  if (!result.ok() && events.size() > 1) {
    ConsumeResult total;
    for (const Event& event : events) {
      GH_ASSIGN_OR_RETURN(const ConsumeResult one, HandleTogether(database, group, std::span(&event, 1), handler));
      total.handled += one.handled;
      total.repeated += one.repeated;
    }
    result = total;
  }
  GH_RETURN_IF_ERROR(result.status());
  GH_RETURN_IF_ERROR(source.Commit());
  return result;
}

}  // namespace gatehouse::events
