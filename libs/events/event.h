// An event: CloudEvents 1.0 attributes and a payload. Facts, never edited; the payload schema only grows. Events carry
// ids and sealed personal fields only, so an Event may be logged by id and type.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace gatehouse::events {

inline constexpr size_t kMaxPayloadBytes = 256 * 1024;

struct Event {
  std::string id;           // UUIDv7; what consumers are idempotent by
  std::string type;         // gatehouse.traveller.crossing_recorded.v1
  std::string source;       // //gatehouse/traveller
  std::string subject;      // the aggregate's id; the key that orders
  absl::Time time;          // when the fact happened
  std::string data_schema;  // full name of the payload message
  std::string topic;        // gatehouse.traveller.crossing.v1
  std::string data;         // serialised payload
  int64_t aggregate_version = 1;
  friend bool operator==(const Event&, const Event&) = default;
};

// An event with its place in an outbox: commit order, gaps possible, never reused.
struct StoredEvent {
  int64_t position = 0;
  Event event;
  // DATA_LOSS, with table and column, when the row is damaged (libs/sql): there is no event then, only its position.
  // Whoever follows the outbox goes past it and reports it.
  absl::Status damage;
};

}  // namespace gatehouse::events
