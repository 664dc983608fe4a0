// The store on every backend: what the inspector and the desk rely on.
#include "services/inspection/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "gatehouse/inspection/v1/inspection_events.pb.h"
#include "services/inspection/decision.h"
#include "services/inspection/store_testing.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_P(InspectionStoreTest, InspectionComesBackWholeAlsoAfterARestart) {
  const Inspection made = Create(1);
  Open();
  ASSERT_OK_AND_ASSIGN(const Inspection read, store_->Get(made.id));
  EXPECT_EQ(read.id, made.id);
  EXPECT_EQ(read.state, State::kOpen);
  EXPECT_EQ(read.direction, made.direction);
  EXPECT_EQ(read.post, made.post);
  EXPECT_EQ(read.conveyance, made.conveyance);
  EXPECT_EQ(read.time, made.time);
  EXPECT_EQ(read.duration, made.duration);
  EXPECT_EQ(read.identity, made.identity);
  EXPECT_EQ(read.identity_source, made.identity_source);
  EXPECT_EQ(read.officer, made.officer);
  EXPECT_EQ(read.evidence, made.evidence);
  EXPECT_FALSE(read.recommendation.clear);
  ASSERT_THAT(read.recommendation.reasons, SizeIs(1));
  EXPECT_EQ(read.recommendation.reasons[0].rule, "rule");
  ASSERT_THAT(read.checks, SizeIs(2));
  EXPECT_EQ(read.checks[0].status, CheckStatus::kSuccessful);
  EXPECT_FALSE(read.checks[0].data_age.has_value());
  EXPECT_EQ(read.checks[1].reason, "why");
  EXPECT_EQ(read.checks[1].duration, absl::Milliseconds(3));
  EXPECT_EQ(read.checks[1].data_age, absl::Hours(2));
}

TEST_P(InspectionStoreTest, OneRequestOneInspection) {
  const RequestKey request{.id = "r1", .content = base::Redacted<std::string>("asked")};
  ASSERT_OK(store_->Create(request, Made(1)).status());
  EXPECT_THAT(store_->Create(request, Made(2)), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK_AND_ASSIGN(std::optional<EarlierInspection> earlier, store_->FindRequest(request));
  ASSERT_TRUE(earlier.has_value());
  EXPECT_EQ(earlier->inspection.id, Made(1).id);
  EXPECT_TRUE(earlier->same_content);
  ASSERT_OK_AND_ASSIGN(earlier, store_->FindRequest({.id = "r1", .content = base::Redacted<std::string>("otherwise")}));
  ASSERT_TRUE(earlier.has_value());
  EXPECT_FALSE(earlier->same_content);
  ASSERT_OK_AND_ASSIGN(earlier, store_->FindRequest({.id = "r2"}));
  EXPECT_FALSE(earlier.has_value());
  EXPECT_THAT(store_->Get(Made(2).id), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(InspectionStoreTest, DecisionStateIntentAndEventAreOneCommit) {
  const InspectionId id = Create(1).id;
  ASSERT_OK(Decide(id, Outcome::kRefer).status());
  EXPECT_EQ(intents_->Count()->pending, 0);
  ASSERT_OK_AND_ASSIGN(const Inspection answered, Decide(id, Outcome::kAdmit));
  EXPECT_EQ(answered.state, State::kAdmitted);
  Open();
  ASSERT_OK_AND_ASSIGN(const Inspection read, store_->Get(id));
  EXPECT_EQ(read.state, State::kAdmitted);
  ASSERT_THAT(read.decisions, SizeIs(2));
  EXPECT_EQ(read.decisions[0].outcome, Outcome::kRefer);
  EXPECT_EQ(read.decisions[1].outcome, Outcome::kAdmit);
  EXPECT_EQ(read.decisions[1].officer, "officer-1");
  EXPECT_EQ(read.decisions[1].time, clock_.Now());
  ASSERT_TRUE(read.crossing.has_value());
  EXPECT_EQ(read.crossing->crossing_id, "");
  EXPECT_EQ(intents_->Count()->pending, 1);

  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> events, outbox_->Read(0, 10));
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].event.type, "gatehouse.inspection.completed.v1");
  EXPECT_EQ(events[2].event.type, "gatehouse.inspection.decided.v1");
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].event.subject, id.value());
    EXPECT_EQ(events[i].event.aggregate_version, static_cast<int64_t>(i) + 1);
    EXPECT_THAT(events[i].event.data, Not(HasSubstr("ERIKSSON")));
  }
  gatehouse::inspection::v1::InspectionDecided decided;
  ASSERT_TRUE(decided.ParseFromString(events[2].event.data));
  EXPECT_EQ(decided.outcome(), gatehouse::inspection::v1::OUTCOME_ADMIT);
  EXPECT_GE(wakes_, 3);
}

TEST_P(InspectionStoreTest, RuleThatRefusesOrAddsNothingLeavesNoTrace) {
  const InspectionId id = Create(1).id;
  EXPECT_THAT(store_->Decide(id, {},
                             [](const Inspection&) -> absl::StatusOr<std::optional<Decision>> {
                               return absl::PermissionDeniedError("no");
                             }),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(
      store_->Decide(id, {}, [](const Inspection&) -> absl::StatusOr<std::optional<Decision>> { return std::nullopt; })
          .status());
  ASSERT_OK_AND_ASSIGN(const Inspection read, store_->Get(id));
  EXPECT_EQ(read.state, State::kOpen);
  EXPECT_THAT(read.decisions, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> events, outbox_->Read(0, 10));
  EXPECT_THAT(events, SizeIs(1));
  EXPECT_THAT(Decide(Made(9).id, Outcome::kAdmit), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(InspectionStoreTest, TwoDesksAtOneMomentTakeOneDecision) {
  const InspectionId id = Create(1).id;
  std::atomic<int> taken = 0;
  std::vector<std::thread> desks;
  for (int desk = 0; desk < 6; ++desk) {
    desks.emplace_back([&] {
      bool mine = false;
      const auto inspection =
          store_->Decide(id, {}, [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
            mine = current.state == State::kOpen;
            if (!mine) return std::nullopt;
            return Decision{.outcome = Outcome::kAdmit, .officer = "officer-1", .time = clock_.Now()};
          });
      ASSERT_TRUE(inspection.ok()) << inspection.status();
      EXPECT_EQ(inspection->inspection.state, State::kAdmitted);
      if (mine) ++taken;
    });
  }
  for (std::thread& desk : desks) desk.join();
  EXPECT_EQ(taken, 1);
}

TEST_P(InspectionStoreTest, IntentsAreDueInTimeUntilAccepted) {
  const InspectionId id = Create(1).id;
  ASSERT_OK(Decide(id, Outcome::kRefuse).status());
  EXPECT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, IsEmpty());  // the decision's own call comes first
  clock_.Advance(absl::Minutes(1));
  Open();
  ASSERT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, SizeIs(1));
  ASSERT_OK(intents_->Postpone(id, clock_.Now() + absl::Seconds(30)));
  EXPECT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, IsEmpty());
  clock_.Advance(absl::Seconds(30));
  ASSERT_OK_AND_ASSIGN(const DueCrossings found, intents_->Due(clock_.Now(), {}, 10));
  const std::vector<PendingCrossing>& due = found.due;
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].inspection, id);
  EXPECT_EQ(due[0].attempts, 1);
  ASSERT_OK(intents_->Accepted(id, "c1"));
  EXPECT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, IsEmpty());
  EXPECT_EQ(intents_->Count()->pending, 0);
  EXPECT_EQ(store_->Get(id)->crossing->crossing_id, "c1");
}

TEST_P(InspectionStoreTest, DueIntentsGoOnBehindAPlaceOneTimeNotwithstanding) {
  std::set<std::string> made;
  for (int i = 1; i <= 3; ++i) {
    const InspectionId id = Create(i).id;
    ASSERT_OK(Decide(id, Outcome::kRefuse).status());
    made.insert(id.value());
  }
  clock_.Advance(absl::Minutes(1));
  std::set<std::string> seen;
  std::optional<InspectionPosition> behind;
  for (int page = 0; page < 3; ++page) {
    ASSERT_OK_AND_ASSIGN(const DueCrossings found, intents_->Due(clock_.Now(), behind, 1));
    ASSERT_THAT(found.due, SizeIs(1));
    seen.insert(found.due[0].inspection.value());
    behind = found.last;
  }
  EXPECT_EQ(seen, made);
  EXPECT_FALSE(intents_->Due(clock_.Now(), behind, 1)->last.has_value());
}

TEST_P(InspectionStoreTest, SameDocumentAtAnotherPostIsSeen) {
  Create(1, "NORTH-1");
  const absl::Time since = clock_.Now() - absl::Minutes(10);
  const base::DocumentKey document{.number = "l898902c3", .issuer = "UTO"};
  EXPECT_EQ(*store_->SeenElsewhere(document, "WEST-3", since), "NORTH-1");
  EXPECT_EQ(*store_->SeenElsewhere(document, "NORTH-1", since), std::nullopt);
  EXPECT_EQ(*store_->SeenElsewhere(document, "WEST-3", clock_.Now() + absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(*store_->SeenElsewhere({.number = "PRINTED1", .issuer = "UTO"}, "WEST-3", since), "NORTH-1");
  EXPECT_EQ(*store_->SeenElsewhere({.number = "OTHER", .issuer = "UTO"}, "WEST-3", since), std::nullopt);
  EXPECT_EQ(*store_->SeenElsewhere({}, "WEST-3", since), std::nullopt);
}

TEST_P(InspectionStoreTest, WhereADocumentWasSeenIsOneRowAPostAndForgotten) {
  for (int i = 1; i <= 5; ++i) {
    Create(i, i == 3 ? "SOUTH-2" : "NORTH-1");
    clock_.Advance(absl::Minutes(1));
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> rows, database_->Query("SELECT COUNT(*) FROM document_sighting"));
  EXPECT_EQ(rows[0].Int(0), 4);  // two documents at two posts
  const base::DocumentKey document{.number = "L898902C3", .issuer = "UTO"};
  EXPECT_EQ(*store_->SeenElsewhere(document, "NORTH-1", absl::UnixEpoch()), "SOUTH-2");
  EXPECT_EQ(*store_->ForgetSightings(clock_.Now() - absl::Minutes(2), 100), 2);
  EXPECT_EQ(*store_->SeenElsewhere(document, "NORTH-1", absl::UnixEpoch()), std::nullopt);
  EXPECT_EQ(*store_->SeenElsewhere(document, "SOUTH-2", absl::UnixEpoch()), "NORTH-1");
}

TEST_P(InspectionStoreTest, ADecisionIsTakenOnceUnderARequestId) {
  const InspectionId id = Create(1).id;
  const auto refer = [&](const Inspection&) -> absl::StatusOr<std::optional<Decision>> {
    return Decision{.outcome = Outcome::kRefer, .reason_code = "CODE", .officer = "officer-1", .time = clock_.Now()};
  };
  const RequestKey request{.id = "d1", .content = base::Redacted<std::string>("refer")};
  ASSERT_OK_AND_ASSIGN(Decided decided, store_->Decide(id, request, refer));
  EXPECT_FALSE(decided.taken.has_value());
  Open();
  ASSERT_OK_AND_ASSIGN(decided, store_->Decide(id, request, refer));
  EXPECT_EQ(decided.taken, 0u);
  EXPECT_THAT(decided.inspection.decisions, SizeIs(1));
  EXPECT_THAT(store_->Decide(id, {.id = "d1", .content = base::Redacted<std::string>("other")}, refer),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_->Decide(Create(2).id, request, refer), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(InspectionStoreTest, TheRequestOfACrossingIsKeptAsItWasAndGoesWhenItIsAccepted) {
  const InspectionId id = Create(1).id;
  ASSERT_OK(Decide(id, Outcome::kAdmit).status());
  ASSERT_OK_AND_ASSIGN(const CrossingRequest first, intents_->Request(id));
  Open();
  ASSERT_OK_AND_ASSIGN(const CrossingRequest again, intents_->Request(id));
  EXPECT_EQ(first, again);
  EXPECT_THAT(first.Reveal(), HasSubstr("ERIKSSON"));
  ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> kept,
                       database_->Query("SELECT sealed_request FROM crossing_intent"));
  EXPECT_THAT(kept[0].Bytes(0), Not(HasSubstr("ERIKSSON")));

  ASSERT_OK(intents_->Refuse(id, "REQUEST_ID_REUSED", clock_.Now()));
  EXPECT_EQ(intents_->Count()->pending, 0);
  EXPECT_EQ(intents_->Count()->refused, 1);
  ASSERT_OK_AND_ASSIGN(const std::vector<RefusedCrossing> refused, intents_->ListRefused(10));
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(store_->Get(id)->crossing->refusal, "REQUEST_ID_REUSED");
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, IsEmpty());
  ASSERT_OK(intents_->Retry(id, clock_.Now()));
  EXPECT_THAT(intents_->Due(clock_.Now(), {}, 10)->due, SizeIs(1));
  ASSERT_OK(intents_->Accepted(id, "c1"));
  EXPECT_THAT(intents_->Retry(id, clock_.Now()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(intents_->Request(id), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(InspectionStoreTest, OneRowThatDoesNotReadIsNamedAmongTheOthers) {
  for (int i = 1; i <= 4; ++i) Create(i);
  ASSERT_OK(Decide(Made(4).id, Outcome::kRefer).status());
  Damage("UPDATE inspection SET sealed_inspection = sealed_evidence WHERE inspection_id LIKE '%1'");
  Damage("DELETE FROM seal_key WHERE subject LIKE '%2'");
  Damage(
      "UPDATE decision SET sealed_decision = (SELECT sealed_evidence FROM inspection WHERE inspection_id LIKE '%3')");
  Open();
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> listed, store_->List({}, {}, 10));
  ASSERT_THAT(listed, SizeIs(4));
  std::map<std::string, std::string> why;
  for (const Inspection& inspection : listed) why[inspection.id.value()] = inspection.unreadable;
  EXPECT_EQ(why[Made(1).id.value()], "ROW_DAMAGED");
  EXPECT_EQ(why[Made(2).id.value()], "KEY_LOST");
  EXPECT_EQ(why[Made(3).id.value()], "");
  EXPECT_EQ(why[Made(4).id.value()], "ROW_DAMAGED");
  EXPECT_THAT(damaged_, SizeIs(3));
  EXPECT_THAT(store_->Get(Made(1).id), StatusIs(absl::StatusCode::kDataLoss));
  // The places of the damaged ones are places like the others.
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> first, store_->List({}, {}, 2));
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> rest,
                       store_->List({}, InspectionPosition{first[1].time, first[1].id.value()}, 10));
  EXPECT_THAT(rest, SizeIs(2));
}

TEST_P(InspectionStoreTest, OneThatIsAskedForAndDoesNotReadIsNamedToo) {
  for (int i = 1; i <= 2; ++i) Create(i);
  Damage("UPDATE inspection SET sealed_evidence = sealed_inspection WHERE inspection_id LIKE '%1'");
  Open();
  EXPECT_THAT(store_->Get(Made(1).id), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(damaged_, SizeIs(1));
  EXPECT_OK(store_->Get(Made(2).id));
  EXPECT_THAT(damaged_, SizeIs(1));
}

TEST_P(InspectionStoreTest, ListsByStateInPagesNewestFirstWithoutEvidence) {
  for (int i = 1; i <= 5; ++i) {
    Create(i);
    clock_.Advance(absl::Seconds(i % 2));  // equal times too
  }
  ASSERT_OK(Decide(Made(3).id, Outcome::kRefer).status());
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> first, store_->List({}, {}, 3));
  ASSERT_THAT(first, SizeIs(3));
  EXPECT_EQ(first[0].id, Made(5).id);
  EXPECT_EQ(first[2].state, State::kReferred);
  EXPECT_THAT(first[2].decisions, SizeIs(1));
  EXPECT_EQ(first[0].evidence.Reveal(), "");
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> second,
                       store_->List({}, InspectionPosition{first[2].time, first[2].id.value()}, 3));
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[1].id, Made(1).id);
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> referred, store_->List(State::kReferred, {}, 10));
  ASSERT_THAT(referred, SizeIs(1));
  EXPECT_EQ(referred[0].id, Made(3).id);

  ASSERT_OK(sealer_->Erase(Made(5).id.value()));
  ASSERT_OK_AND_ASSIGN(const std::vector<Inspection> left, store_->List({}, {}, 4));
  EXPECT_THAT(left, SizeIs(4));
  EXPECT_THAT(store_->Get(Made(5).id), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(InspectionStoreTest, UndecidedAreTheOpenOnesOfOldest) {
  Create(1);
  Create(2);
  ASSERT_OK(Decide(Made(2).id, Outcome::kRefer).status());
  clock_.Advance(absl::Minutes(31));
  Create(3);
  const absl::Time before = clock_.Now() - absl::Minutes(30);
  ASSERT_OK_AND_ASSIGN(const std::vector<InspectionPosition> undecided, store_->Undecided(before, {}, 10));
  ASSERT_THAT(undecided, SizeIs(1));
  EXPECT_EQ(undecided[0].id, Made(1).id.value());
  EXPECT_THAT(*store_->Undecided(before, undecided[0], 10), IsEmpty());
}

TEST_P(InspectionStoreTest, RowsHoldNothingPersonalInTheClear) {
  Create(1);
  ASSERT_OK(Decide(Made(1).id, Outcome::kRefer).status());
  for (const char* select : {"SELECT request_hash FROM inspection", "SELECT sealed_inspection FROM inspection",
                             "SELECT sealed_evidence FROM inspection", "SELECT sealed_decision FROM decision"}) {
    ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> rows, database_->Query(select));
    ASSERT_THAT(rows, SizeIs(1)) << select;
    EXPECT_GE(rows[0].Bytes(0).size(), 28u) << select;  // a hash, or a nonce and a tag at least
    for (const char* personal : {"ERIKSSON", "L898902C3", "evidence", "officer-1"}) {
      EXPECT_THAT(rows[0].Bytes(0), Not(HasSubstr(personal))) << select;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, InspectionStoreTest, ::testing::ValuesIn(gatehouse::testing::kAllStoreKinds),
                         gatehouse::testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::inspection
