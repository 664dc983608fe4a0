// What every way from an outbox to a consumer promises, as tests: the embedded log (a source on the outbox itself) and
// Kafka (relay, sink and source on a real broker). Instantiated in events_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/events/consumer.h"
#include "libs/events/outbox.h"
#include "libs/sql/sql.h"
#include "libs/testing/test_store.h"

namespace gatehouse::events {

// One way, with a store behind it.
class Stream {
 public:
  virtual ~Stream() = default;
  // The topic events must carry.
  virtual std::string topic() const = 0;
  virtual absl::StatusOr<std::unique_ptr<Source>> MakeSource(const std::string& group) = 0;
  // Returns when everything in the outbox is where sources find it.
  virtual absl::Status Deliver() = 0;
  // Delivers the whole outbox again, as after a crash before the cursor moved.
  virtual absl::Status DeliverAgain() = 0;
};

struct StreamCase {
  std::string name;
  testing::StoreKind store;
  absl::StatusOr<std::unique_ptr<Stream>> (*make)(sql::Database& database, Outbox& outbox);
};

// The cases of this build.
std::vector<StreamCase> AllStreamCases();

class StreamConformance : public ::testing::TestWithParam<StreamCase> {
 protected:
  void SetUp() override;

  // Appends `count` events over `subjects` subjects, delivers them, returns them in order.
  std::vector<Event> Publish(int count, int subjects);
  // Consumes until `count` events were seen (handled or repeated) or 20 s passed; appends to `handled_`.
  ConsumeResult Consume(Source& source, const std::string& group, int count, const Handler& handler = nullptr);

  std::unique_ptr<testing::TestStore> store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Stream> stream_;
  std::vector<Event> handled_;
};

}  // namespace gatehouse::events
