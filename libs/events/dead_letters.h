// Events that cannot go where they belong and are set aside, so that the stream goes on behind them: of the outbox,
// what the broker refuses for good and rows that cannot be read any more; of a consumer, what its handler refuses for
// good. Each is kept in event_dead_letter with its reason until a person has seen to it
// (docs/runbooks/poison-event.md); nothing removes one by itself, and its row of the outbox is not pruned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/events/event.h"
#include "libs/sql/sql.h"

namespace gatehouse::events {

// The stream of the relay's; a consumer's is kConsumerStreamPrefix and its group.
inline constexpr std::string_view kRelayStream = "relay";
inline constexpr std::string_view kConsumerStreamPrefix = "consumer.";

struct DeadLetter {
  std::string stream;
  int64_t position = 0;  // in the outbox; 0 for a consumer's
  Event event;           // what is known of it; of the outbox without its data, which stays in its row
  std::string reason;
};

// Again for the same stream, position and id: nothing happens.
absl::Status AddDeadLetter(sql::Transaction& transaction, const DeadLetter& letter, absl::Time time);
absl::StatusOr<int64_t> CountDeadLetters(sql::Database& database);

}  // namespace gatehouse::events
