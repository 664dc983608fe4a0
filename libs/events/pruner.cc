#include "libs/events/pruner.h"

#include <cstdint>

#include "libs/base/status_macros.h"
#include "libs/events/outbox.h"

namespace gatehouse::events {

absl::StatusOr<Pruned> Pruner::PruneOnce() {
  Pruned pruned;
  GH_ASSIGN_OR_RETURN(pruned.events, PruneOutbox());
  GH_ASSIGN_OR_RETURN(pruned.ids, PruneInbox());
  pruned.more = pruned.events >= kMaxPrunedAtOnce || pruned.ids >= kMaxPrunedAtOnce;
  return pruned;
}

absl::StatusOr<int> Pruner::PruneOutbox() {
  int64_t published = INT64_MAX;
  if (deps_.has_broker) {
    GH_ASSIGN_OR_RETURN(published, ReadCursor(deps_.database, kRelayCursor));
  }
  const int64_t cutoff_us = absl::ToUnixMicros(deps_.clock.Now() - deps_.retention.outbox);
  GH_ASSIGN_OR_RETURN(const auto rows,
                      deps_.database.List("SELECT position, time_us FROM event_outbox WHERE position NOT IN"
                                          " (SELECT position FROM event_dead_letter WHERE stream = 'relay')"
                                          " ORDER BY position LIMIT ?",
                                          {int64_t{kMaxPrunedAtOnce}}));
  int64_t last = 0;
  int count = 0;
  for (const sql::Row& row : rows) {
    // A row whose time is damaged is as old as its neighbours.
    if (row.Int(0) > published || (row.damage().ok() && row.Int(1) >= cutoff_us)) break;
    last = row.Int(0);
    ++count;
  }
  if (count == 0) return 0;
  GH_RETURN_IF_ERROR(deps_.database.Write([last](sql::Transaction& transaction) -> absl::Status {
    // With the rows goes the word that they are gone, so that no reader takes their absence for "there were none".
    GH_RETURN_IF_ERROR(
        transaction.Execute("INSERT INTO event_cursor (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
                            " SET position = excluded.position WHERE event_cursor.position < excluded.position",
                            {std::string(kPrunedCursor), last}));
    return transaction.Execute(
        "DELETE FROM event_outbox WHERE position <= ? AND position NOT IN"
        " (SELECT position FROM event_dead_letter WHERE stream = 'relay')",
        {last});
  }));
  return count;
}

absl::StatusOr<int> Pruner::PruneInbox() {
  const int64_t cutoff_us = absl::ToUnixMicros(deps_.clock.Now() - deps_.retention.inbox);
  int count = 0;
  GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const auto rows,
                        transaction.Query("DELETE FROM event_inbox WHERE (consumer, id) IN (SELECT consumer, id FROM"
                                          " event_inbox WHERE handled_us < ? ORDER BY handled_us LIMIT ?) RETURNING 1",
                                          {cutoff_us, int64_t{kMaxPrunedAtOnce}}));
    count = static_cast<int>(rows.size());
    return absl::OkStatus();
  }));
  return count;
}

}  // namespace gatehouse::events
