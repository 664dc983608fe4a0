#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "libs/events/consumer.h"
#include "libs/events/outbox.h"
#include "libs/events/relay.h"
#include "libs/events/stream_conformance.h"
#include "libs/events/test_event.h"
#include "libs/sql/migrate.h"
#include "libs/testing/memory_sink.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::events {

static std::string CaseName(const ::testing::TestParamInfo<StreamCase>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Streams, StreamConformance, ::testing::ValuesIn(AllStreamCases()), CaseName);

namespace {

using ::gatehouse::testing::IsOkAndHolds;
using ::gatehouse::testing::StatusIs;

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

TEST(OutboxDeathTest, AnEventWithoutIdOrTooLargeIsOurBug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ASSERT_OK_AND_ASSIGN(const auto database, sql::Open({.dsn = "sqlite::memory:"}));
  Outbox outbox(*database);
  class NoTransaction : public sql::Transaction {
    absl::Status Execute(std::string_view, sql::Params) override { return absl::OkStatus(); }
    absl::StatusOr<std::vector<sql::Row>> Query(std::string_view, sql::Params) override {
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
