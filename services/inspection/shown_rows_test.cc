// Two inspections of one document or person beside each other, on every backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "services/inspection/store_testing.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDocument[] = "document|UTO|L898902C3";
constexpr char kPerson[] = "person|ERIKSSON|1974-08-12|1|UTO";
constexpr char kOther[] = "document|UTO|OTHER";

class ShownRowsTest : public InspectionStoreTest {
 protected:
  Inspection Showing(int number, std::vector<std::string> keys = {kDocument, kPerson}) {
    Inspection inspection = Made(number);
    inspection.keys = base::Redacted(std::move(keys));
    return inspection;
  }

  InspectionId Stored(int number, std::vector<std::string> keys = {kDocument, kPerson}) {
    const Inspection inspection = Showing(number, std::move(keys));
    EXPECT_OK(store_->Create({.id = "r" + std::to_string(number)}, inspection).status());
    return inspection.id;
  }

  // Whether a rule would be told so.
  bool IsOvertaken(const InspectionId& id) {
    bool overtaken = false;
    const auto look = [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
      overtaken = current.overtaken;
      return std::nullopt;
    };
    EXPECT_OK(store_->Decide(id, {}, look).status());
    return overtaken;
  }

  std::vector<Unsettled> UnsettledOf(const std::string& key) {
    const absl::StatusOr<Recollection> found = store_->Recall({key});
    EXPECT_OK(found.status());
    return found.ok() ? found->unsettled : std::vector<Unsettled>();
  }
};

TEST_P(ShownRowsTest, WhatHappenedSinceItWasLookedAtOvertakesANewInspection) {
  Inspection first = Showing(1);
  Inspection second = Showing(2, {kPerson});
  ASSERT_OK_AND_ASSIGN(const Recollection before, store_->Recall({kDocument, kPerson}));
  first.latest = before.latest;
  second.latest = store_->Recall({kPerson})->latest;
  EXPECT_EQ(*store_->Create({.id = "r1"}, first), Creation::kStored);
  EXPECT_EQ(*store_->Create({.id = "r2"}, second), Creation::kOvertaken);
  EXPECT_THAT(store_->Get(second.id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(*outbox_->Read(0, 10), SizeIs(1));
  // A decision too, also on the inspection that had the last word.
  second.latest = store_->Recall({kPerson})->latest;
  ASSERT_OK(Decide(first.id, Outcome::kRefuse).status());
  EXPECT_EQ(*store_->Create({.id = "r2"}, second), Creation::kOvertaken);
  second.latest = store_->Recall({kPerson})->latest;
  EXPECT_EQ(*store_->Create({.id = "r2"}, second), Creation::kStored);
  // The same request again is a repetition, and nothing that happened.
  EXPECT_THAT(store_->Create({.id = "r2"}, Showing(3)).status(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_FALSE(IsOvertaken(second.id));
  // Who did not look is stored all the same.
  EXPECT_EQ(*store_->Create({.id = "r3"}, Showing(3)), Creation::kStored);
}

// As two replicas do, or two ports of one post.
TEST_P(ShownRowsTest, OfTwoAtOneMomentOneIsOvertaken) {
  std::unique_ptr<sql::Database> other_database;
  std::unique_ptr<InspectionStore> other;
  if (GetParam() == gatehouse::testing::StoreKind::kPostgresql) {
    ASSERT_OK_AND_ASSIGN(other_database, sql::Open({.dsn = test_store_->dsn()}));
    other = MakeInspectionStore({.database = *other_database,
                                 .outbox = *outbox_,
                                 .sealer = *sealer_,
                                 .clock = clock_,
                                 .random = random_,
                                 .damaged = [](const std::string&, const std::string&) {},
                                 .wake_relay = [] {}});
  }
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    std::barrier<> both(2);
    std::atomic<int> stored = 0;
    const auto desk = [&](InspectionStore& store, int number) {
      const std::string request = "m" + std::to_string(round) + "-" + std::to_string(number);
      Inspection inspection = Showing(number, {kDocument, kPerson, "round|" + std::to_string(round % 7)});
      inspection.id = InspectionId(request);
      const absl::StatusOr<Recollection> before = store.Recall(inspection.keys.Reveal());
      ASSERT_OK(before.status());
      inspection.latest = before->latest;
      both.arrive_and_wait();
      const absl::StatusOr<Creation> created = store.Create({.id = request}, inspection);
      ASSERT_OK(created.status());
      if (*created == Creation::kStored) ++stored;
    };
    std::thread first([&] { desk(*store_, 1); });
    std::thread second([&] { desk(other ? *other : *store_, 2); });
    first.join();
    second.join();
    EXPECT_EQ(stored, 1) << round;
  }
}

TEST_P(ShownRowsTest, TheLastWordIsThatOfTheNewestInspectionOrDecision) {
  const InspectionId first = Stored(1);
  EXPECT_FALSE(IsOvertaken(first));
  const InspectionId unrelated = Stored(2, {kOther});
  EXPECT_FALSE(IsOvertaken(first));
  const InspectionId second = Stored(3, {kPerson});
  EXPECT_TRUE(IsOvertaken(first));
  EXPECT_FALSE(IsOvertaken(second));
  // To give one up says nothing about the other.
  const InspectionId third = Stored(4);
  ASSERT_OK(Decide(first, Outcome::kAbandon).status());
  EXPECT_FALSE(IsOvertaken(third));
  ASSERT_OK(Decide(second, Outcome::kRefer).status());
  EXPECT_TRUE(IsOvertaken(third));
  Open();
  EXPECT_TRUE(IsOvertaken(third));
  EXPECT_FALSE(IsOvertaken(unrelated));
  EXPECT_FALSE(IsOvertaken(Stored(5, {})));
  // Nobody knows what stood there.
  Damage("DELETE FROM shown_latest");
  EXPECT_TRUE(IsOvertaken(unrelated));
}

TEST_P(ShownRowsTest, ADecisionThatIsNotInTheRegisterIsRememberedUntilItIs) {
  const InspectionId refused = Stored(1);
  EXPECT_THAT(UnsettledOf(kDocument), IsEmpty());
  ASSERT_OK(Decide(refused, Outcome::kRefuse).status());
  Open();
  for (const char* key : {kDocument, kPerson}) {
    const std::vector<Unsettled> found = UnsettledOf(key);
    ASSERT_THAT(found, SizeIs(1)) << key;
    EXPECT_EQ(found[0].state, State::kRefused);
    EXPECT_EQ(found[0].post, "NORTH-1");
    EXPECT_EQ(found[0].time, clock_.Now());
  }
  EXPECT_THAT(store_->Recall({kDocument, kPerson})->unsettled, SizeIs(1)) << "one decision, however many keys";
  EXPECT_THAT(UnsettledOf(kOther), IsEmpty());
  ASSERT_OK(intents_->Refuse(refused, "REQUEST_ID_REUSED", clock_.Now()));
  EXPECT_THAT(UnsettledOf(kDocument), SizeIs(1)) << "what the register refuses for good is in no register";
  clock_.Advance(absl::Hours(100));
  ASSERT_OK(store_->ForgetShown(clock_.Now(), clock_.Now(), 100).status());
  EXPECT_THAT(UnsettledOf(kDocument), SizeIs(1)) << "however old";
  ASSERT_OK(intents_->Accepted(refused, "c1"));
  EXPECT_THAT(UnsettledOf(kDocument), IsEmpty());
}

TEST_P(ShownRowsTest, AReferralIsRememberedUntilTheTravellerIsDecidedOn) {
  const InspectionId first = Stored(1);
  ASSERT_OK(Decide(first, Outcome::kRefer).status());
  ASSERT_THAT(UnsettledOf(kPerson), SizeIs(1));
  EXPECT_EQ(UnsettledOf(kPerson)[0].state, State::kReferred);
  // At the second line he is inspected anew, and decided on there.
  const InspectionId second = Stored(2, {kPerson});
  ASSERT_OK(Decide(second, Outcome::kAdmit).status());
  ASSERT_OK(intents_->Accepted(second, "c1"));
  EXPECT_THAT(UnsettledOf(kPerson), IsEmpty());
  EXPECT_THAT(UnsettledOf(kDocument), IsEmpty()) << "the referral went whole";

  const InspectionId third = Stored(3);
  ASSERT_OK(Decide(third, Outcome::kRefer).status());
  ASSERT_OK(Decide(third, Outcome::kAbandon).status());
  EXPECT_THAT(UnsettledOf(kDocument), IsEmpty());
}

TEST_P(ShownRowsTest, WhatNobodyNeedsIsForgotten) {
  ASSERT_OK(Decide(Stored(1), Outcome::kRefer).status());
  Stored(2, {kOther});
  EXPECT_EQ(*store_->ForgetShown(clock_.Now(), clock_.Now(), 100), 0);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(*store_->ForgetShown(clock_.Now() - absl::Hours(1), clock_.Now(), 1), 1) << "at most so many";
  EXPECT_EQ(*store_->ForgetShown(clock_.Now(), clock_.Now(), 100), 4);
  EXPECT_THAT(UnsettledOf(kDocument), IsEmpty());
  EXPECT_THAT(store_->Recall({kDocument})->latest, ElementsAre(""));
}

INSTANTIATE_TEST_SUITE_P(Stores, ShownRowsTest, ::testing::ValuesIn(gatehouse::testing::kAllStoreKinds),
                         gatehouse::testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::inspection
