// What keeps the stream bounded and going: pruning, dead letters of relay and consumer. On both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/events/consumer.h"
#include "libs/events/dead_letters.h"
#include "libs/events/outbox.h"
#include "libs/events/pruner.h"
#include "libs/events/relay.h"
#include "libs/events/test_event.h"
#include "libs/sql/migrate.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/memory_sink.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"

namespace gatehouse::events {
namespace {

using ::gatehouse::testing::IsOkAndHolds;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) absl::SleepFor(absl::Milliseconds(10));
  return condition();
}

class BoundedTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam()));
    ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = store_->dsn()}));
    const sql::Migration tables = {.version = 1, .min_reader = 1, .name = "events", .sql = kEventTablesSql};
    ASSERT_OK(sql::Migrate(*database_, std::vector{tables}));
    outbox_ = std::make_unique<Outbox>(*database_);
  }

  // Of the age, one a subject.
  void AppendOne(const std::string& subject, absl::Duration age) {
    Event event = MakeTestEvent(subject, 1);
    event.time = kNow - age;
    ASSERT_OK(Append(*database_, *outbox_, event));
  }
  int64_t Count(const std::string& table) {
    return database_->Query(absl::StrCat("SELECT COUNT(*) FROM ", table))->front().Int(0);
  }
  Pruner MakePruner(bool has_broker) {
    return Pruner({.database = *database_,
                   .clock = clock_,
                   .has_broker = has_broker,
                   .retention = {.outbox = absl::Hours(24 * 10), .inbox = absl::Hours(24 * 10)}});
  }
  void PublishAll() {
    Relay relay({.database = *database_, .outbox = *outbox_, .sink = sink_, .name = "test", .idle_poll_ms = 10});
    relay.Start();
    ASSERT_TRUE(Eventually([&] { return *outbox_->PublishedPosition() == *outbox_->LastPosition(); }));
  }

  std::unique_ptr<testing::TestStore> store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Outbox> outbox_;
  testing::MemorySink sink_;
  testing::FakeClock clock_{kNow};
};

INSTANTIATE_TEST_SUITE_P(Stores, BoundedTest,
                         ::testing::Values(testing::StoreKind::kSqlite, testing::StoreKind::kPostgresql));

TEST_P(BoundedTest, WithoutABrokerAgeAloneEndsAnEventAndItsReaderIsTold) {
  for (int i = 0; i < 3; ++i) AppendOne("old", absl::Hours(24 * 11));
  AppendOne("young", absl::Hours(24 * 9));
  AppendOne("late word of an old fact", absl::Hours(24 * 11));
  Pruner pruner = MakePruner(/*has_broker=*/false);
  ASSERT_OK_AND_ASSIGN(const Pruned pruned, pruner.PruneOnce());
  EXPECT_EQ(pruned.events, 3);
  EXPECT_FALSE(pruned.more);
  EXPECT_EQ(Count("event_outbox"), 2);
  EXPECT_THAT(outbox_->Read(0, 10).status(), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("read behind 3")));
  EXPECT_EQ(PrunedUpTo(outbox_->Read(0, 10).status()), 3);
  EXPECT_EQ(PrunedUpTo(absl::OutOfRangeError("of another kind")), std::nullopt);
  EXPECT_THAT(outbox_->Read(2, 10).status(), StatusIs(absl::StatusCode::kOutOfRange));
  ASSERT_OK_AND_ASSIGN(const auto kept, outbox_->Read(3, 10));
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].event.subject, "young");
  const auto source = MakeOutboxSource(*outbox_, *database_, "sleeper");
  EXPECT_THAT(source->Poll(10, absl::ZeroDuration()).status(), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_P(BoundedTest, WithABrokerOnlyWhatItAcknowledgedGoes) {
  AppendOne("published", absl::Hours(24 * 11));
  PublishAll();
  AppendOne("held", absl::Hours(24 * 11));
  Pruner pruner = MakePruner(/*has_broker=*/true);
  ASSERT_OK_AND_ASSIGN(const Pruned pruned, pruner.PruneOnce());
  EXPECT_EQ(pruned.events, 1);
  EXPECT_EQ(Count("event_outbox"), 1);
  PublishAll();
  EXPECT_EQ(sink_.published().size(), 2u);
}

TEST_P(BoundedTest, ARoundIsSmallAndSaysThatThereIsMore) {
  ASSERT_OK(database_->Write([&](sql::Transaction& transaction) {
    for (int i = 0; i < kMaxPrunedAtOnce + 5; ++i) {
      Event event = MakeTestEvent("old", i + 1);
      event.time = kNow - absl::Hours(24 * 11);
      outbox_->Append(transaction, event);
    }
    return absl::OkStatus();
  }));
  Pruner pruner = MakePruner(/*has_broker=*/false);
  ASSERT_OK_AND_ASSIGN(const Pruned first, pruner.PruneOnce());
  EXPECT_EQ(first.events, kMaxPrunedAtOnce);
  EXPECT_TRUE(first.more);
  ASSERT_OK_AND_ASSIGN(const Pruned second, pruner.PruneOnce());
  EXPECT_EQ(second.events, 5);
  EXPECT_FALSE(second.more);
}

TEST_P(BoundedTest, IdsOfHandledEventsAreForgottenByAge) {
  AppendOne("a", absl::ZeroDuration());
  const auto source = MakeOutboxSource(*outbox_, *database_, "reader");
  const auto handler = [](sql::Transaction&, const Event&) { return absl::OkStatus(); };
  ASSERT_OK_AND_ASSIGN(const auto result, ConsumeOnce(*source, *database_, "reader", handler, 10, absl::Seconds(1)));
  EXPECT_EQ(result.handled, 1);
  clock_.Set(absl::Now() + absl::Hours(24 * 9));
  Pruner pruner = MakePruner(/*has_broker=*/false);
  EXPECT_EQ(pruner.PruneOnce()->ids, 0);
  EXPECT_EQ(Count("event_inbox"), 1);
  clock_.Set(absl::Now() + absl::Hours(24 * 11));
  EXPECT_EQ(pruner.PruneOnce()->ids, 1);
  EXPECT_EQ(Count("event_inbox"), 0);
}

TEST_P(BoundedTest, WhatTheBrokerRejectsIsSetAsideAndTheStreamGoesOn) {
  AppendOne("a", absl::Hours(24 * 11));
  AppendOne("poison", absl::Hours(24 * 11));
  AppendOne("b", absl::Hours(24 * 11));
  sink_.Reject("poison");
  PublishAll();
  ASSERT_EQ(sink_.published().size(), 2u);
  EXPECT_EQ(sink_.published()[1].event.subject, "b");
  EXPECT_THAT(CountDeadLetters(*database_), IsOkAndHolds(1));
  ASSERT_OK_AND_ASSIGN(const auto letters, database_->Query("SELECT position, subject, reason FROM event_dead_letter"));
  EXPECT_EQ(letters[0].Int(0), 2);
  EXPECT_EQ(letters[0].Text(1), "poison");
  EXPECT_EQ(letters[0].Text(2), "told to reject");
  // It is kept until a person has seen to it.
  Pruner pruner = MakePruner(/*has_broker=*/true);
  EXPECT_EQ(pruner.PruneOnce()->events, 2);
  EXPECT_EQ(Count("event_outbox"), 1);
  EXPECT_EQ(pruner.PruneOnce()->events, 0);
}

TEST_P(BoundedTest, AHandlerThatFailsForGoodOnOneEventDoesNotStopTheRest) {
  for (const char* subject : {"a", "poison", "b"}) AppendOne(subject, absl::ZeroDuration());
  std::vector<std::string> handled;
  absl::Status failure = absl::UnavailableError("the world");
  const auto handler = [&](sql::Transaction&, const Event& event) -> absl::Status {
    if (event.subject == "poison") return failure;
    handled.push_back(event.subject);
    return absl::OkStatus();
  };
  std::vector<std::string> told;
  SetAside set_aside{.max_tries = 3, .clock = &clock_, .report = [&](const Event& event, const absl::Status& why) {
                       told.push_back(absl::StrCat(event.subject, ": ", why.message()));
                     }};
  const auto source = MakeOutboxSource(*outbox_, *database_, "reader");
  const auto round = [&] {
    return ConsumeOnce(*source, *database_, "reader", handler, 10, absl::Milliseconds(10), &set_aside);
  };
  for (int i = 0; i < 6; ++i) EXPECT_THAT(round().status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(told.empty()) << "a failure of the world is no try";
  failure = absl::InvalidArgumentError("the event");
  for (int i = 0; i < 2; ++i) EXPECT_THAT(round().status(), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const ConsumeResult result, round());
  EXPECT_EQ(result.set_aside, 1);
  EXPECT_THAT(told, ::testing::ElementsAre("poison: the event"));
  EXPECT_EQ(handled.back(), "b");
  ASSERT_OK_AND_ASSIGN(const auto letters, database_->Query("SELECT stream, data FROM event_dead_letter"));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].Text(0), "consumer.reader");
  EXPECT_EQ(letters[0].Bytes(1), MakeTestEvent("poison", 1).data) << "what it said is kept";
  ASSERT_OK_AND_ASSIGN(const ConsumeResult after, round());
  EXPECT_EQ(after.handled + after.repeated + after.set_aside, 0);
}

}  // namespace
}  // namespace gatehouse::events
