// The outbox: the event of a fact is a row written in the transaction of the fact (Append inside sql::Database::Write),
// numbered at commit, so position is commit order and no reader's cursor skips a row. Without a broker the outbox is
// the event stream; with one, Relay (relay.h) publishes from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/events/event.h"
#include "libs/sql/migrate.h"
#include "libs/sql/sql.h"

namespace gatehouse::events {

// The tables of the outbox (event_outbox), of cursors into streams (event_cursor), of consumers' inboxes (event_inbox)
// and of what was set aside (event_dead_letter, dead_letters.h). A service puts these statements into its own first
// migration: string literal SQL.
extern const char kEventTablesSql[];

class Outbox {
 public:
  // `database` outlives the outbox.
  explicit Outbox(sql::Database& database) : database_(database) {}

  // Inside a command of Database::Write. GH_CHECKs that id, type, subject and topic are set and the payload bounded.
  void Append(sql::Transaction& transaction, const Event& event);

  // Events behind `position`, in order, at most `limit` (1..1000); a damaged one by its position only. OUT_OF_RANGE
  // when events behind it were pruned (pruner.h): what they said is to be had from the service, and reading goes on
  // from the position that the error names.
  absl::StatusOr<std::vector<StoredEvent>> Read(int64_t position, int limit);

  // The position up to which the relay has the broker's acknowledgement; 0 at first.
  absl::StatusOr<int64_t> PublishedPosition();

  // The newest position; 0 when empty.
  absl::StatusOr<int64_t> LastPosition();

  // The time of the oldest event that the broker has not acknowledged; nothing when there is none.
  absl::StatusOr<std::optional<absl::Time>> OldestUnpublished();

 private:
  sql::Database& database_;
};

// The names under which stand in event_cursor: the relay's position, and up to where the outbox was pruned.
inline constexpr std::string_view kRelayCursor = "relay";
inline constexpr std::string_view kPrunedCursor = "pruned";

// The position of a named cursor; 0 when it never moved.
absl::StatusOr<int64_t> ReadCursor(sql::Database& database, std::string_view name);

// Moves it forward, durably; a position behind the present one changes nothing (a late word of a former leader).
absl::Status MoveCursor(sql::Database& database, std::string_view name, int64_t position);

}  // namespace gatehouse::events
