// Where a relay publishes to. Implementations: Kafka (MakeKafkaSink), and the memory one of libs/testing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/events/event.h"

namespace gatehouse::events {

// An event that the broker will never take, whatever is waited for.
struct Rejected {
  int64_t position = 0;
  std::string reason;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Publishes in order and returns when the broker has acknowledged all of them but those it rejects for good, which
  // are returned. After an error some may have been published: the relay repeats the batch, and consumers drop repeats
  // by id. Order per key is kept across retries, and among what is not rejected.
  virtual absl::StatusOr<std::vector<Rejected>> Publish(std::span<const StoredEvent> events) = 0;
};

struct KafkaOptions {
  std::string brokers;  // host:port, comma separated
  std::string client_id;
  int delivery_timeout_ms = 30'000;  // of a whole Publish
};

// Idempotent producer, acks=all, lz4, key = subject, CloudEvents attributes as `ce_*` headers (Kafka protocol binding
// of CloudEvents 1.0, binary mode), plus ce_aggregateversion and ce_position. Rejected for good is what is wrong with
// one event: larger than its topic takes, a topic with an impossible name, a record the broker calls invalid. What is
// wrong with the broker or its settings (away, a topic that is not made, no right to it) is an error, and waits.
absl::StatusOr<std::unique_ptr<Sink>> MakeKafkaSink(const KafkaOptions& options);

}  // namespace gatehouse::events
