#include "libs/events/dead_letters.h"

#include "libs/base/status_macros.h"

namespace gatehouse::events {

absl::Status AddDeadLetter(sql::Transaction& transaction, const DeadLetter& letter, absl::Time time) {
  return transaction.Execute(
      "INSERT INTO event_dead_letter (stream, position, id, type, subject, topic, data, reason, time_us)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, position, id) DO NOTHING",
      {letter.stream, letter.position, letter.event.id, letter.event.type, letter.event.subject, letter.event.topic,
       sql::Blob{letter.event.data}, letter.reason, absl::ToUnixMicros(time)});
}

absl::StatusOr<int64_t> CountDeadLetters(sql::Database& database) {
  GH_ASSIGN_OR_RETURN(const auto rows, database.Query("SELECT COUNT(*) FROM event_dead_letter"));
  return rows.front().Int(0);
}

}  // namespace gatehouse::events
