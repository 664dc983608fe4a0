// Consuming with effects once per event id: the handler runs inside the same transaction that records the id in
// event_inbox, so a repeated delivery is counted and dropped, and a crash repeats the whole.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/events/event.h"
#include "libs/sql/sql.h"

namespace gatehouse::events {

// A stream of events: Kafka, or another outbox (embedded log).
class Source {
 public:
  virtual ~Source() = default;
  // Up to `limit` events, waiting at most `timeout`; fewer or none when none came. Polling again without a Commit
  // delivers the same again.
  virtual absl::StatusOr<std::vector<Event>> Poll(int limit, absl::Duration timeout) = 0;
  // Everything polled so far need not be delivered again. Called after the effects are durable.
  virtual absl::Status Commit() = 0;
};

struct KafkaSourceOptions {
  std::string brokers;
  std::string group;
  std::vector<std::string> topics;
  // Told of records that are no events of ours (cloud_event.h); they are passed over. May be empty.
  std::function<void(const absl::Status&)> on_malformed;
  // A member that does not ask the broker for so long is expelled from its group.
  int max_poll_interval_ms = 300'000;
};
// A member of the consumer group; offsets are committed by Commit only. A group without offsets starts at the earliest.
// While nobody polls, because a handler takes long or fails again and again, a thread of the source's own keeps asking
// the broker with its partitions paused, so that the member is not expelled and nothing piles up.
absl::StatusOr<std::unique_ptr<Source>> MakeKafkaSource(const KafkaSourceOptions& options);

class Outbox;
// Reads an outbox of the same process from the cursor `group` keeps in `database`.
std::unique_ptr<Source> MakeOutboxSource(Outbox& outbox, sql::Database& database, std::string group);

using Handler = std::function<absl::Status(sql::Transaction&, const Event&)>;

struct ConsumeResult {
  int handled = 0;
  int repeated = 0;
  int set_aside = 0;
};

// What to do with an event whose handler fails again and again because of the event itself: after `max_tries` it is
// kept as a dead letter (dead_letters.h) of the group and passed over. A failure of the world (UNAVAILABLE,
// DEADLINE_EXCEEDED, CANCELLED, ABORTED, RESOURCE_EXHAUSTED) is no try. Belongs to one consumer, over its rounds.
struct SetAside {
  int max_tries = 10;
  base::Clock* clock = &base::SystemClock();
  // Told of each that is set aside. May be empty.
  std::function<void(const Event&, const absl::Status&)> report;
  // Of the event that the stream stands at.
  std::string failing_id;
  int tries = 0;
};

// One round: polls, handles each new event once in `database`, commits the source. The events of a round share one
// transaction; when a handler fails, they are tried one by one, those before the failing one stay handled, the error is
// returned, and the next round meets the failing one again. So a handler that can never succeed with an event stops
// the stream: what is wrong with the event itself it records and answers OK, or `set_aside` says when to go
// on without it. `group` and the id make an event known.
absl::StatusOr<ConsumeResult> ConsumeOnce(Source& source, sql::Database& database, std::string_view group,
                                          const Handler& handler, int limit, absl::Duration timeout,
                                          SetAside* set_aside = nullptr);

}  // namespace gatehouse::events
