#include "libs/events/stream_conformance.h"

#include <map>
#include <set>

#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/events/relay.h"
#include "libs/events/test_event.h"
#include "libs/sql/migrate.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::events {

using ::gatehouse::testing::StatusIs;

namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

class EmbeddedStream : public Stream {
 public:
  EmbeddedStream(sql::Database& database, Outbox& outbox) : database_(database), outbox_(outbox) {}
  static absl::StatusOr<std::unique_ptr<Stream>> Make(sql::Database& database, Outbox& outbox) {
    return std::make_unique<EmbeddedStream>(database, outbox);
  }
  std::string topic() const override { return "gatehouse.test.thing.v1"; }
  absl::StatusOr<std::unique_ptr<Source>> MakeSource(const std::string& group) override {
    return MakeOutboxSource(outbox_, database_, group);
  }
  absl::Status Deliver() override { return absl::OkStatus(); }
  absl::Status DeliverAgain() override {
    return database_.Write(
        [](sql::Transaction& transaction) { return transaction.Execute("DELETE FROM event_cursor"); });
  }

 private:
  sql::Database& database_;
  Outbox& outbox_;
};

class KafkaStream : public Stream {
 public:
  KafkaStream(sql::Database& database, Outbox& outbox, std::string brokers, std::unique_ptr<Sink> sink)
      : database_(database), outbox_(outbox), brokers_(std::move(brokers)), sink_(std::move(sink)) {}
  static absl::StatusOr<std::unique_ptr<Stream>> Make(sql::Database& database, Outbox& outbox) {
    GH_ASSIGN_OR_RETURN(std::string brokers, testing::RequireKafka());
    GH_ASSIGN_OR_RETURN(auto sink, MakeKafkaSink({.brokers = brokers, .client_id = "events_test"}));
    return std::make_unique<KafkaStream>(database, outbox, std::move(brokers), std::move(sink));
  }
  std::string topic() const override { return topic_; }
  absl::StatusOr<std::unique_ptr<Source>> MakeSource(const std::string& group) override {
    return MakeKafkaSource({.brokers = brokers_, .group = topic_ + "." + group, .topics = {topic_}});
  }
  absl::Status Deliver() override {
    Relay relay({.database = database_, .outbox = outbox_, .sink = *sink_, .name = "test", .idle_poll_ms = 10});
    relay.Start();
    const absl::Time deadline = absl::Now() + kPatience;
    while (absl::Now() < deadline) {
      GH_ASSIGN_OR_RETURN(const int64_t published, outbox_.PublishedPosition());
      GH_ASSIGN_OR_RETURN(const int64_t last, outbox_.LastPosition());
      if (published == last) return absl::OkStatus();
      absl::SleepFor(absl::Milliseconds(5));
    }
    return absl::DeadlineExceededError("the relay did not publish everything");
  }
  absl::Status DeliverAgain() override {
    GH_RETURN_IF_ERROR(
        database_.Write([](sql::Transaction& transaction) { return transaction.Execute("DELETE FROM event_cursor"); }));
    return Deliver();
  }

 private:
  sql::Database& database_;
  Outbox& outbox_;
  const std::string brokers_;
  const std::string topic_ = "gatehouse.test." + testing::UniqueName() + ".v1";
  const std::unique_ptr<Sink> sink_;
};

}  // namespace

std::vector<StreamCase> AllStreamCases() {
  return {{"EmbeddedOnSqlite", testing::StoreKind::kSqlite, EmbeddedStream::Make},
          {"EmbeddedOnPostgresql", testing::StoreKind::kPostgresql, EmbeddedStream::Make},
          {"KafkaFromSqlite", testing::StoreKind::kSqlite, KafkaStream::Make},
          {"KafkaFromPostgresql", testing::StoreKind::kPostgresql, KafkaStream::Make}};
}

void StreamConformance::SetUp() {
  GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam().store));
  ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = store_->dsn()}));
  const sql::Migration tables = {.version = 1, .min_reader = 1, .name = "events", .sql = kEventTablesSql};
  ASSERT_OK(sql::Migrate(*database_, std::vector{tables}));
  ASSERT_OK(database_->Write(
      [](sql::Transaction& transaction) { return transaction.Execute("CREATE TABLE effect (id TEXT NOT NULL)"); }));
  outbox_ = std::make_unique<Outbox>(*database_);
  GH_REQUIRE_SERVER(stream_, GetParam().make(*database_, *outbox_));
}

std::vector<Event> StreamConformance::Publish(int count, int subjects) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) {
    events.push_back(MakeTestEvent(absl::StrCat("subject-", i % subjects), i / subjects + 1, stream_->topic()));
  }
  EXPECT_OK(database_->Write([&](sql::Transaction& transaction) {
    for (const Event& event : events) outbox_->Append(transaction, event);
    return absl::OkStatus();
  }));
  EXPECT_OK(stream_->Deliver());
  return events;
}

ConsumeResult StreamConformance::Consume(Source& source, const std::string& group, int count, const Handler& handler) {
  const Handler record = [&](sql::Transaction& transaction, const Event& event) -> absl::Status {
    if (handler) GH_RETURN_IF_ERROR(handler(transaction, event));
    return transaction.Execute("INSERT INTO effect (id) VALUES (?)", {event.id});
  };
  const Handler remember = [&](sql::Transaction& transaction, const Event& event) -> absl::Status {
    handled_.push_back(event);
    return record(transaction, event);
  };
  ConsumeResult total;
  const absl::Time deadline = absl::Now() + kPatience;
  while (total.handled + total.repeated < count && absl::Now() < deadline) {
    const auto round = ConsumeOnce(source, *database_, group, remember, 50, absl::Milliseconds(500));
    if (!round.ok()) break;
    total.handled += round->handled;
    total.repeated += round->repeated;
  }
  return total;
}

TEST_P(StreamConformance, EveryEventArrivesWholeAndInTheOrderOfItsSubject) {
  const std::vector<Event> published = Publish(200, 7);
  ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
  EXPECT_EQ(Consume(*source, "readers", 200).handled, 200);
  std::map<std::string, const Event*> by_id;
  for (const Event& event : published) by_id[event.id] = &event;
  std::map<std::string, int64_t> last_version;
  for (const Event& event : handled_) {
    ASSERT_TRUE(by_id.contains(event.id));
    EXPECT_EQ(event, *by_id[event.id]);
    EXPECT_EQ(event.aggregate_version, ++last_version[event.subject]);
  }
}

TEST_P(StreamConformance, ARepeatedEventIsHandledOnce) {
  Publish(30, 3);
  {
    ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
    EXPECT_EQ(Consume(*source, "readers", 30).handled, 30);
  }
  ASSERT_OK(stream_->DeliverAgain());
  ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
  const ConsumeResult again = Consume(*source, "readers", 30);
  EXPECT_EQ(again.handled, 0);
  EXPECT_EQ(again.repeated, 30);
  EXPECT_EQ(database_->Query("SELECT COUNT(*) FROM effect")->front().Int(0), 30);
}

TEST_P(StreamConformance, EachGroupHandlesAllForItself) {
  Publish(10, 2);
  for (const std::string group : {"one", "two"}) {
    ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource(group));
    EXPECT_EQ(Consume(*source, group, 10).handled, 10) << group;
  }
}

TEST_P(StreamConformance, WhatWasCommittedIsNotDeliveredToTheNextReader) {
  Publish(10, 2);
  {
    ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
    Consume(*source, "readers", 10);
  }
  const std::vector<Event> later = Publish(1, 1);
  ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
  const ConsumeResult result = Consume(*source, "readers", 1);
  EXPECT_EQ(result.handled, 1);
  EXPECT_EQ(result.repeated, 0);
  EXPECT_EQ(handled_.back().id, later.front().id);
}

TEST_P(StreamConformance, PollingWithoutCommitDeliversTheSameAgain) {
  Publish(5, 1);
  ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
  std::vector<Event> first;
  for (int i = 0; i < 40 && first.empty(); ++i) {
    ASSERT_OK_AND_ASSIGN(first, source->Poll(5, absl::Milliseconds(500)));
  }
  ASSERT_FALSE(first.empty());
  ASSERT_OK_AND_ASSIGN(const auto second, source->Poll(static_cast<int>(first.size()), absl::Milliseconds(500)));
  EXPECT_EQ(second, first);
}

TEST_P(StreamConformance, AFailingHandlerKeepsItsEventAndThoseBehind) {
  const std::vector<Event> published = Publish(6, 1);
  ASSERT_OK_AND_ASSIGN(const auto source, stream_->MakeSource("readers"));
  bool down = true;
  const Handler fails_on_the_fourth = [&](sql::Transaction&, const Event& event) {
    return down && event.aggregate_version == 4 ? absl::UnavailableError("down") : absl::OkStatus();
  };
  Consume(*source, "readers", 6, fails_on_the_fourth);
  EXPECT_EQ(database_->Query("SELECT COUNT(*) FROM effect")->front().Int(0), 3);
  down = false;
  handled_.clear();
  Consume(*source, "readers", 6, fails_on_the_fourth);
  ASSERT_OK_AND_ASSIGN(const auto effects, database_->Query("SELECT id FROM effect"));
  std::set<std::string> ids;
  for (const sql::Row& row : effects) ids.insert(row.Text(0));
  EXPECT_EQ(effects.size(), 6u);
  for (const Event& event : published) EXPECT_TRUE(ids.contains(event.id));
}

}  // namespace gatehouse::events
