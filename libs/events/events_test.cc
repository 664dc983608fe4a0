#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <set>
#include <span>

#include "absl/time/clock.h"
#include "libs/events/cloud_event.h"
#include "libs/events/consumer.h"
#include "libs/events/outbox.h"
#include "libs/events/relay.h"
#include "libs/events/stream_conformance.h"
#include "libs/events/test_event.h"
#include "libs/sql/migrate.h"
#include "libs/testing/memory_sink.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/temporary_kafka.h"

namespace gatehouse::events {

static std::string CaseName(const ::testing::TestParamInfo<StreamCase>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Streams, StreamConformance, ::testing::ValuesIn(AllStreamCases()), CaseName);

namespace {

using ::gatehouse::testing::IsOkAndHolds;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

// Until `condition` holds, at most 20 s.
bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

class OutboxTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam()));
    ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = store_->dsn()}));
    const sql::Migration tables = {.version = 1, .min_reader = 1, .name = "events", .sql = kEventTablesSql};
    ASSERT_OK(sql::Migrate(*database_, std::vector{tables}));
    outbox_ = std::make_unique<Outbox>(*database_);
  }

  Event AppendOne(int64_t version) {
    Event event = MakeTestEvent("subject", version);
    EXPECT_OK(Append(*database_, *outbox_, event));
    return event;
  }
  Relay::Deps RelayDeps() {
    return {.database = *database_, .outbox = *outbox_, .sink = sink_, .name = "test", .idle_poll_ms = 10};
  }
  bool AllPublished() { return *outbox_->PublishedPosition() == *outbox_->LastPosition(); }

  std::unique_ptr<testing::TestStore> store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Outbox> outbox_;
  testing::MemorySink sink_;
};

INSTANTIATE_TEST_SUITE_P(Stores, OutboxTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);

TEST_P(OutboxTest, KeepsEventsWholeInOrder) {
  EXPECT_THAT(outbox_->LastPosition(), IsOkAndHolds(0));
  const Event first = AppendOne(1);
  const Event second = AppendOne(2);
  ASSERT_OK_AND_ASSIGN(const auto all, outbox_->Read(0, 10));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].event, first);
  EXPECT_EQ(all[1].event, second);
  EXPECT_LT(all[0].position, all[1].position);
  ASSERT_OK_AND_ASSIGN(const auto behind, outbox_->Read(all[0].position, 10));
  ASSERT_EQ(behind.size(), 1u);
  EXPECT_EQ(behind[0].event, second);
  EXPECT_THAT(outbox_->LastPosition(), IsOkAndHolds(all[1].position));
  EXPECT_EQ(outbox_->Read(0, 1)->size(), 1u);
}

TEST_P(OutboxTest, AnEventLivesAndDiesWithItsFact) {
  EXPECT_THAT(database_->Write([&](sql::Transaction& transaction) {
    outbox_->Append(transaction, MakeTestEvent("subject", 1));
    return absl::AbortedError("the fact did not happen");
  }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(outbox_->LastPosition(), IsOkAndHolds(0));
  const Event event = AppendOne(1);
  EXPECT_THAT(Append(*database_, *outbox_, event), StatusIs(absl::StatusCode::kAlreadyExists)) << "one id, one event";
}

TEST_P(OutboxTest, TheRelayPublishesInOrderAndMovesItsCursor) {
  for (int i = 1; i <= 25; ++i) AppendOne(i);
  Relay::Deps deps = RelayDeps();
  deps.batch_size = 10;
  Relay relay(deps);
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return AllPublished(); }));
  AppendOne(26);
  relay.Wake();
  ASSERT_TRUE(Eventually([&] { return AllPublished(); }));
  relay.Stop();
  const auto published = sink_.published();
  ASSERT_EQ(published.size(), 26u);
  for (size_t i = 0; i < published.size(); ++i) {
    EXPECT_EQ(published[i].event.aggregate_version, static_cast<int64_t>(i) + 1);
  }
  EXPECT_EQ(relay.counters().published, 26);
  EXPECT_EQ(relay.counters().failures, 0);
}

TEST_P(OutboxTest, AFailingSinkIsRetriedAndNothingIsSkipped) {
  for (int i = 1; i <= 10; ++i) AppendOne(i);
  sink_.FailNext(2);
  Relay relay(RelayDeps());
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return AllPublished(); }));
  relay.Stop();
  EXPECT_EQ(relay.counters().failures, 2);
  const auto published = sink_.published();
  ASSERT_EQ(published.size(), 5u + 5u + 10u) << "repeats, from the start of the failed batch";
  for (size_t i = 10; i < 20; ++i) EXPECT_EQ(published[i].event.aggregate_version, static_cast<int64_t>(i) - 9);
}

TEST_P(OutboxTest, OneRelayLeadsAndAnotherTakesOver) {
  Relay first(RelayDeps());
  Relay second(RelayDeps());
  first.Start();
  ASSERT_TRUE(Eventually([&] { return first.counters().leading; }));
  second.Start();
  AppendOne(1);
  ASSERT_TRUE(Eventually([&] { return AllPublished(); }));
  EXPECT_FALSE(second.counters().leading);
  first.Stop();
  AppendOne(2);
  ASSERT_TRUE(Eventually([&] { return AllPublished(); }));
  EXPECT_TRUE(second.counters().leading);
  EXPECT_EQ(second.counters().published, 1);
  EXPECT_EQ(sink_.published().size(), 2u);
}

TEST_P(OutboxTest, ACursorNeverGoesBack) {
  ASSERT_OK(MoveCursor(*database_, "x", 7));
  ASSERT_OK(MoveCursor(*database_, "x", 3));
  EXPECT_THAT(ReadCursor(*database_, "x"), IsOkAndHolds(7));
  EXPECT_THAT(ReadCursor(*database_, "y"), IsOkAndHolds(0));
}

TEST(CloudEventTest, GoesThroughHeadersUnchanged) {
  const Event event = MakeTestEvent("subject", 7);
  const Headers headers = HeadersOf({.position = 42, .event = event});
  EXPECT_THAT(headers, ::testing::IsSupersetOf(Headers{{"ce_specversion", "1.0"},
                                                       {"ce_id", event.id},
                                                       {"ce_subject", "subject"},
                                                       {"ce_time", "2026-01-01T00:00:00.123456Z"},
                                                       {"ce_dataschema", "proto:gatehouse.test.v1.Happened"},
                                                       {"content-type", "application/protobuf"},
                                                       {"ce_aggregateversion", "7"},
                                                       {"ce_position", "42"}}));
  EXPECT_THAT(EventOf(headers, event.topic, event.data), IsOkAndHolds(event));
}

TEST(CloudEventTest, RefusesForeignRecordsAndSaysWhichHeader) {
  const Event event = MakeTestEvent("subject", 7);
  const Headers good = HeadersOf({.position = 42, .event = event});
  for (const char* name : {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_dataschema",
                           "ce_aggregateversion"}) {
    Headers without;
    Headers empty;
    for (const auto& [key, value] : good) {
      if (key != name) without.emplace_back(key, value);
      empty.emplace_back(key, key == name ? "" : value);
    }
    EXPECT_THAT(EventOf(without, "t", ""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
    EXPECT_THAT(EventOf(empty, "t", ""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
  const auto with = [&](const std::string& name, const std::string& value) {
    Headers changed = good;
    for (auto& [key, old] : changed) old = key == name ? value : old;
    return EventOf(changed, "t", "").status();
  };
  EXPECT_THAT(with("ce_specversion", "0.3"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(with("ce_time", "yesterday"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(with("ce_aggregateversion", "1x"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(with("ce_dataschema", "gatehouse.X"), StatusIs(absl::StatusCode::kInvalidArgument));
  Headers twice = good;
  twice.emplace_back("ce_id", "another");
  EXPECT_THAT(EventOf(twice, "t", ""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("repeated")));
  EXPECT_THAT(EventOf(good, "t", std::string(kMaxPayloadBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too large")));
}

// A broker of this test's own, so that it can be taken away.
TEST(KafkaTest, ABrokerThatWasAwayGetsEverythingInOrder) {
  std::unique_ptr<testing::TemporaryKafka> broker;
  GH_REQUIRE_SERVER(broker, testing::TemporaryKafka::Start());
  ASSERT_OK_AND_ASSIGN(auto sink, MakeKafkaSink({.brokers = broker->address(), .delivery_timeout_ms = 2000}));
  std::vector<StoredEvent> events;
  for (int i = 1; i <= 20; ++i) events.push_back({.position = i, .event = MakeTestEvent("subject", i, "away")});
  const auto first_half = std::span(events).first(10);
  bool published = false;
  for (int i = 0; i < 5 && !published; ++i) published = sink->Publish(first_half).ok();  // the topic is being made
  ASSERT_TRUE(published);
  broker->process().Stop(SIGTERM, absl::Seconds(20));
  EXPECT_THAT(sink->Publish(std::span(events).last(10)).status(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK(broker->Restart());
  absl::Status again;
  for (int i = 0; i < 10; ++i) {
    again = sink->Publish(std::span(events).last(10)).status();
    if (again.ok()) break;
  }
  ASSERT_OK(again);

  ASSERT_OK_AND_ASSIGN(auto source, MakeKafkaSource({.brokers = broker->address(), .group = "g", .topics = {"away"}}));
  std::set<int64_t> seen;
  int64_t newest = 0;
  for (int i = 0; i < 40 && newest < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto polled, source->Poll(100, absl::Milliseconds(500)));
    for (const Event& event : polled) {
      if (!seen.insert(event.aggregate_version).second) continue;
      EXPECT_EQ(event.aggregate_version, newest + 1) << "a new event came before its predecessor";
      newest = event.aggregate_version;
    }
    ASSERT_OK(source->Commit());
  }
  EXPECT_EQ(newest, 20);
}

TEST(KafkaTest, AForeignRecordIsReportedAndPassedOver) {
  std::string brokers;
  GH_REQUIRE_SERVER(brokers, testing::RequireKafka());
  const std::string topic = testing::UniqueName();
  const testing::TemporaryFolder folder;
  // kcat, as somebody else would publish.
  std::ofstream(folder.File("record")) << "not an event";
  ASSERT_OK(testing::RunProcess({.arguments = {"kcat", "-P", "-b", brokers, "-t", topic, folder.File("record")},
                                 .output_file = folder.File("kcat.log")},
                                absl::Seconds(20)));
  ASSERT_OK_AND_ASSIGN(auto sink, MakeKafkaSink({.brokers = brokers}));
  const StoredEvent event = {.position = 1, .event = MakeTestEvent("subject", 1, topic)};
  ASSERT_OK(sink->Publish(std::span(&event, 1)).status());
  std::vector<std::string> reasons;
  ASSERT_OK_AND_ASSIGN(
      auto source,
      MakeKafkaSource(
          {.brokers = brokers, .group = topic, .topics = {topic}, .on_malformed = [&](const absl::Status& status) {
             reasons.push_back(std::string(status.message()));
           }}));
  std::vector<Event> polled;
  for (int i = 0; i < 40 && (polled.empty() || reasons.empty()); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto some, source->Poll(100, absl::Milliseconds(500)));
    polled.insert(polled.end(), some.begin(), some.end());
    ASSERT_OK(source->Commit());
  }
  EXPECT_EQ(polled, std::vector<Event>{event.event});
  EXPECT_THAT(reasons, ::testing::ElementsAre(HasSubstr("ce_specversion: missing")));
}

TEST(KafkaTest, WrongOptionsAreRefusedAtOnce) {
  EXPECT_THAT(MakeKafkaSink({.brokers = ""}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeKafkaSource({.brokers = "", .group = "g", .topics = {"t"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeKafkaSource({.brokers = "localhost:1", .group = "g"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

// One damaged row stops neither the relay nor a reader: it is passed over, counted and named. SQLite only, since
// PostgreSQL cannot hold such a row.
TEST(DamagedOutboxTest, ADamagedRowIsPassedOverAndReported) {
  const testing::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(const auto database, sql::Open({.dsn = "sqlite:" + folder.File("a.db")}));
  const sql::Migration tables = {.version = 1, .min_reader = 1, .name = "events", .sql = kEventTablesSql};
  ASSERT_OK(sql::Migrate(*database, std::vector{tables}));
  Outbox outbox(*database);
  for (int i = 1; i <= 5; ++i) ASSERT_OK(Append(*database, outbox, MakeTestEvent("subject", i)));
  // The second, and the first three seen by a reader of one event at a time.
  ASSERT_OK(database->Write([](sql::Transaction& transaction) {
    return transaction.Execute(
        "UPDATE event_outbox SET data = CAST(data AS TEXT) WHERE aggregate_version IN (1, 2, 4)");
  }));

  ASSERT_OK_AND_ASSIGN(const auto stored, outbox.Read(0, 10));
  ASSERT_EQ(stored.size(), 5u);
  EXPECT_THAT(stored[1].damage, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("event_outbox.data")));
  EXPECT_EQ(stored[2].event.aggregate_version, 3);

  testing::MemorySink sink;
  Relay relay(
      {.database = *database, .outbox = outbox, .sink = sink, .name = "test", .batch_size = 2, .idle_poll_ms = 10});
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return *outbox.PublishedPosition() == *outbox.LastPosition(); }));
  relay.Stop();
  const auto published = sink.published();
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(published[0].event.aggregate_version, 3);
  EXPECT_EQ(published[1].event.aggregate_version, 5);
  EXPECT_EQ(relay.counters().set_aside, 3);
  ASSERT_OK_AND_ASSIGN(const auto letters,
                       database->Query("SELECT position, reason FROM event_dead_letter ORDER BY position"));
  ASSERT_EQ(letters.size(), 3u);
  EXPECT_EQ(letters[2].Int(0), 4);
  EXPECT_THAT(letters[2].Text(1), HasSubstr("event_outbox.data"));

  const auto source = MakeOutboxSource(outbox, *database, "reader");
  for (const int64_t version : {3, 5}) {
    ASSERT_OK_AND_ASSIGN(const auto events, source->Poll(1, absl::Seconds(20)));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].aggregate_version, version);
    ASSERT_OK(source->Commit());
  }
}

TEST(OutboxDeathTest, AnEventWithoutIdOrTooLargeIsOurBug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ASSERT_OK_AND_ASSIGN(const auto database, sql::Open({.dsn = "sqlite::memory:"}));
  Outbox outbox(*database);
  class NoTransaction : public sql::Transaction {
    absl::Status Execute(std::string_view, sql::Params) override { return absl::OkStatus(); }
    absl::StatusOr<std::vector<sql::Row>> Query(std::string_view, sql::Params) override {
      return std::vector<sql::Row>();
    }
    absl::StatusOr<std::vector<sql::Row>> List(std::string_view, sql::Params) override {
      return std::vector<sql::Row>();
    }
    void AtCommit(std::string_view, sql::Params) override {}
  } transaction;
  Event event = MakeTestEvent("subject", 1);
  outbox.Append(transaction, event);
  event.data.resize(kMaxPayloadBytes + 1);
  EXPECT_DEATH(outbox.Append(transaction, event), "check failed");
  event = MakeTestEvent("", 1);
  EXPECT_DEATH(outbox.Append(transaction, event), "check failed");
}

}  // namespace
}  // namespace gatehouse::events
