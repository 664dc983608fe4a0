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
};
// A member of the consumer group; offsets are committed by Commit only. A group without offsets starts at the earliest.
absl::StatusOr<std::unique_ptr<Source>> MakeKafkaSource(const KafkaSourceOptions& options);

class Outbox;
// Reads an outbox of the same process from the cursor `group` keeps in `database`.
std::unique_ptr<Source> MakeOutboxSource(Outbox& outbox, sql::Database& database, std::string group);

using Handler = std::function<absl::Status(sql::Transaction&, const Event&)>;

struct ConsumeResult {
  int handled = 0;
  int repeated = 0;
};

// One round: polls, handles each new event once in `database`, commits the source. The events of a round share one
// transaction; when a handler fails, they are tried one by one, those before the failing one stay handled, the error is
// returned, and the next round meets the failing one again. So a handler that can never succeed with an event stops
// the stream: what is wrong with the event itself it records and answers OK. `group` and the id make an event known.
absl::StatusOr<ConsumeResult> ConsumeOnce(Source& source, sql::Database& database, std::string_view group,
                                          const Handler& handler, int limit, absl::Duration timeout);

}  // namespace gatehouse::events
