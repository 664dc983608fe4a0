#include "libs/events/outbox.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/events/pruner.h"

namespace gatehouse::events {

const char kEventTablesSql[] = R"sql(
CREATE TABLE event_outbox (
  position {{SERIAL_KEY}},
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  time_us BIGINT NOT NULL,
  data_schema TEXT NOT NULL,
  topic TEXT NOT NULL,
  data {{BLOB}} NOT NULL,
  aggregate_version BIGINT NOT NULL
);
CREATE TABLE event_cursor (
  name TEXT PRIMARY KEY,
  position BIGINT NOT NULL
);
CREATE TABLE event_inbox (
  consumer TEXT NOT NULL,
  id TEXT NOT NULL,
  handled_us BIGINT NOT NULL,
  PRIMARY KEY (consumer, id)
);
CREATE INDEX event_inbox_by_time ON event_inbox (handled_us);
CREATE TABLE event_dead_letter (
  stream TEXT NOT NULL,
  position BIGINT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  topic TEXT NOT NULL,
  data {{BLOB}} NOT NULL,
  reason TEXT NOT NULL,
  time_us BIGINT NOT NULL,
  PRIMARY KEY (stream, position, id)
);
)sql";

namespace {

// Of a status inside this process: the position as decimal digits.
constexpr char kPrunedPayload[] = "gatehouse.events/pruned";
constexpr char kColumns[] = "position, id, type, source, subject, time_us, data_schema, topic, data, aggregate_version";

StoredEvent FromRow(const sql::Row& row) {
  // The position is SQLite's key of the row, which has no type to lose.
  if (!row.damage().ok()) return {.position = row.Int(0), .damage = row.damage()};
  return {.position = row.Int(0),
          .event = {.id = row.Text(1),
                    .type = row.Text(2),
                    .source = row.Text(3),
                    .subject = row.Text(4),
                    .time = absl::FromUnixMicros(row.Int(5)),
                    .data_schema = row.Text(6),
                    .topic = row.Text(7),
                    .data = row.Bytes(8),
                    .aggregate_version = row.Int(9)}};
}

}  // namespace

void Outbox::Append(sql::Transaction& transaction, const Event& event) {
  GH_CHECK(!event.id.empty() && !event.type.empty() && !event.subject.empty() && !event.topic.empty());
  GH_CHECK(event.data.size() <= kMaxPayloadBytes);
  transaction.AtCommit(
      "INSERT INTO event_outbox (id, type, source, subject, time_us, data_schema, topic, data, aggregate_version)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {event.id, event.type, event.source, event.subject, absl::ToUnixMicros(event.time), event.data_schema,
       event.topic, sql::Blob{event.data}, event.aggregate_version});
}

absl::StatusOr<std::vector<StoredEvent>> Outbox::Read(int64_t position, int limit) {
  GH_CHECK(limit >= 1 && limit <= 1000);
  static const std::string kRead =
      std::string("SELECT ") + kColumns + " FROM event_outbox WHERE position > ? ORDER BY position LIMIT ?";
  GH_ASSIGN_OR_RETURN(const auto rows, database_.List(kRead, {position, int64_t{limit}}));
  std::vector<StoredEvent> events;
  events.reserve(rows.size());
  for (const sql::Row& row : rows) events.push_back(FromRow(row));
  // Asked after the rows were read: whatever was pruned before that is known by then.
  GH_ASSIGN_OR_RETURN(const int64_t pruned, ReadCursor(database_, kPrunedCursor));
  if (position < pruned) {
    absl::Status gone =
        absl::OutOfRangeError(absl::StrCat("events up to position ", pruned, " are not kept any more: read behind ",
                                           pruned, ", and ask the service itself for what is older"));
    gone.SetPayload(kPrunedPayload, absl::Cord(absl::StrCat(pruned)));
    return gone;
  }
  return events;
}

std::optional<int64_t> PrunedUpTo(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPrunedPayload);
  int64_t position = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &position)) return std::nullopt;
  return position;
}

absl::StatusOr<std::optional<absl::Time>> Outbox::OldestUnpublished() {
  GH_ASSIGN_OR_RETURN(const int64_t published, PublishedPosition());
  GH_ASSIGN_OR_RETURN(
      const auto rows,
      database_.List("SELECT time_us FROM event_outbox WHERE position > ? ORDER BY position LIMIT 1", {published}));
  if (rows.empty() || !rows.front().damage().ok()) return std::nullopt;
  return absl::FromUnixMicros(rows.front().Int(0));
}

absl::StatusOr<int64_t> Outbox::PublishedPosition() { return ReadCursor(database_, kRelayCursor); }

absl::StatusOr<int64_t> Outbox::LastPosition() {
  GH_ASSIGN_OR_RETURN(const auto rows, database_.Query("SELECT COALESCE(MAX(position), 0) FROM event_outbox"));
  return rows.front().Int(0);
}

absl::StatusOr<int64_t> ReadCursor(sql::Database& database, std::string_view name) {
  GH_ASSIGN_OR_RETURN(const auto rows,
                      database.Query("SELECT position FROM event_cursor WHERE name = ?", {std::string(name)}));
  return rows.empty() ? 0 : rows.front().Int(0);
}

absl::Status MoveCursor(sql::Database& database, std::string_view name, int64_t position) {
  return database.Write([&](sql::Transaction& transaction) {
    return transaction.Execute(
        "INSERT INTO event_cursor (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
        " SET position = excluded.position WHERE event_cursor.position < excluded.position",
        {std::string(name), position});
  });
}

}  // namespace gatehouse::events
