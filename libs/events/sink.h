// Where a relay publishes to. Implementations: Kafka (MakeKafkaSink), and the memory one of libs/testing.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/events/event.h"

namespace gatehouse::events {

class Sink {
 public:
  virtual ~Sink() = default;
  // Publishes in order and returns when the broker has acknowledged all of them. After an error some may have been
  // published: the relay repeats the batch, and consumers drop repeats by id. Order per key is kept across retries.
  virtual absl::Status Publish(std::span<const StoredEvent> events) = 0;
};

struct KafkaOptions {
  std::string brokers;  // host:port, comma separated
  std::string client_id;
  int delivery_timeout_ms = 30'000;  // of a whole Publish
};

// Idempotent producer, acks=all, lz4, key = subject, CloudEvents attributes as `ce_*` headers (Kafka protocol binding
// of CloudEvents 1.0, binary mode), plus ce_aggregateversion and ce_position.
absl::StatusOr<std::unique_ptr<Sink>> MakeKafkaSink(const KafkaOptions& options);

}  // namespace gatehouse::events
