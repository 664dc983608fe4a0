#include "services/inspection/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/status_matchers.h"
#include "services/inspection/fakes_testing.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::SizeIs;

const Decider kOfficer{.officer = "officer-1", .identity = "officer-1"};
const Decider kGate{.identity = "gate-1"};

Inspection Made(bool clear, std::vector<Outcome> taken = {}) {
  Inspection inspection{.id = InspectionId("i1"), .post = "NORTH-1", .recommendation = {.clear = clear}};
  for (const Outcome outcome : taken) {
    inspection.decisions.push_back({.outcome = outcome, .reason_code = "EARLIER"});
    inspection.state = StateAfter(outcome);
  }
  return inspection;
}

TEST(Rule, WhoMayDecideWhat) {
  struct Row {
    bool clear;
    std::vector<Outcome> taken;
    Outcome asked;
    Ruling officer;
    Ruling gate;
  };
  constexpr Ruling kYes = Ruling::kAllowed;
  constexpr Ruling kName = Ruling::kNamedOfficerRequired;
  constexpr Ruling kLate = Ruling::kAlreadyDecided;
  const Row rows[] = {
      {true, {}, Outcome::kAdmit, kYes, kYes},
      {false, {}, Outcome::kAdmit, kYes, kName},
      {true, {}, Outcome::kRefer, kYes, kYes},
      {false, {}, Outcome::kRefer, kYes, kYes},
      {true, {}, Outcome::kRefuse, kYes, kName},
      {false, {}, Outcome::kRefuse, kYes, kName},
      {true, {}, Outcome::kAbandon, kYes, kName},
      {false, {}, Outcome::kAbandon, kYes, kName},
      {true, {Outcome::kRefer}, Outcome::kAdmit, kYes, kName},
      {false, {Outcome::kRefer}, Outcome::kRefuse, kYes, kName},
      {false, {Outcome::kRefer}, Outcome::kAbandon, kYes, kName},
      {false, {Outcome::kRefer}, Outcome::kRefer, kLate, kLate},
      {true, {Outcome::kAdmit}, Outcome::kAdmit, kLate, kLate},
      {true, {Outcome::kAdmit}, Outcome::kRefer, kLate, kLate},
      {true, {Outcome::kAdmit}, Outcome::kRefuse, kLate, kName},
      {true, {Outcome::kRefuse}, Outcome::kAdmit, kLate, kLate},
      {true, {Outcome::kAbandon}, Outcome::kAdmit, kLate, kLate},
      {false, {Outcome::kRefer, Outcome::kAdmit}, Outcome::kRefuse, kLate, kName},
  };
  int number = 0;
  for (const Row& row : rows) {
    const Inspection inspection = Made(row.clear, row.taken);
    EXPECT_EQ(Rule(inspection, {row.asked, "CODE"}, kOfficer), row.officer) << "officer, row " << number;
    EXPECT_EQ(Rule(inspection, {row.asked, "CODE"}, kGate), row.gate) << "gate, row " << number;
    ++number;
  }
}

TEST(Rule, SameDecisionAgainIsARepetition) {
  for (const Outcome outcome : {Outcome::kAdmit, Outcome::kRefer, Outcome::kRefuse, Outcome::kAbandon}) {
    EXPECT_EQ(Rule(Made(true, {outcome}), {outcome, "EARLIER"}, kOfficer), Ruling::kRepeated);
  }
  EXPECT_EQ(Rule(Made(true, {Outcome::kAdmit}), {Outcome::kAdmit, "EARLIER"}, kGate), Ruling::kRepeated);
  // The reply to a gate's repetition must not hide that it may not refuse.
  EXPECT_EQ(Rule(Made(true, {Outcome::kRefuse}), {Outcome::kRefuse, "EARLIER"}, kGate), Ruling::kNamedOfficerRequired);
}

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    services_.record = [this](const CrossingIntent& intent) -> absl::StatusOr<std::string> {
      asked_.push_back(intent);
      if (register_is_down_) return absl::UnavailableError("down");
      return "c-" + intent.inspection.value();
    };
  }

  InspectionId Open(bool clear) {
    Inspection inspection = Made(clear);
    inspection.id = InspectionId("i" + std::to_string(++made_));
    inspection.time = clock_.Now();
    EXPECT_TRUE(store_.Create({.id = inspection.id.value()}, inspection).ok());
    return inspection.id;
  }

  absl::StatusOr<DeskAnswer> Decide(const InspectionId& id, Outcome outcome, const Decider& decider = kOfficer) {
    return desk_.Decide(id, {outcome, "CODE"}, decider, {.deadline = absl::InfiniteFuture()});
  }

  FakeStore store_;
  FakeServices services_;
  gatehouse::testing::FakeClock clock_;
  Desk desk_{{.store = store_, .intents = store_, .recorder = services_, .clock = clock_}};
  std::vector<CrossingIntent> asked_;
  bool register_is_down_ = false;
  int made_ = 0;
};

TEST_F(DeskTest, AdmissionMakesACrossingInTheNameOfTheOfficer) {
  const InspectionId id = Open(true);
  ASSERT_OK_AND_ASSIGN(const DeskAnswer answer, Decide(id, Outcome::kAdmit));
  EXPECT_EQ(answer.ruling, Ruling::kAllowed);
  EXPECT_EQ(answer.inspection.state, State::kAdmitted);
  ASSERT_TRUE(answer.inspection.crossing.has_value());
  EXPECT_EQ(answer.inspection.crossing->crossing_id, "c-" + id.value());
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_TRUE(asked_[0].admitted);
  EXPECT_EQ(asked_[0].officer, "officer-1");
  EXPECT_EQ(asked_[0].time, clock_.Now());
  EXPECT_EQ(*store_.Count(), 0);
}

TEST_F(DeskTest, RefusalMakesARefusedCrossingAndReferralNone) {
  ASSERT_OK_AND_ASSIGN(const DeskAnswer refused, Decide(Open(true), Outcome::kRefuse));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_FALSE(asked_[0].admitted);
  EXPECT_EQ(asked_[0].reason_code, "CODE");
  ASSERT_OK_AND_ASSIGN(const DeskAnswer referred, Decide(Open(true), Outcome::kRefer));
  EXPECT_FALSE(referred.inspection.crossing.has_value());
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(DeskTest, WhatIsNotAllowedChangesNothing) {
  const InspectionId id = Open(false);
  ASSERT_OK_AND_ASSIGN(const DeskAnswer answer, Decide(id, Outcome::kRefuse, kGate));
  EXPECT_EQ(answer.ruling, Ruling::kNamedOfficerRequired);
  EXPECT_EQ(answer.inspection.state, State::kOpen);
  EXPECT_THAT(asked_, SizeIs(0));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer admitted, Decide(id, Outcome::kAdmit));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer late, Decide(id, Outcome::kRefuse));
  EXPECT_EQ(late.ruling, Ruling::kAlreadyDecided);
  EXPECT_EQ(late.inspection.state, State::kAdmitted);
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(DeskTest, PendingCrossingIsDrivenUntilItIsAccepted) {
  register_is_down_ = true;
  const InspectionId id = Open(true);
  ASSERT_OK_AND_ASSIGN(const DeskAnswer answer, Decide(id, Outcome::kAdmit));
  EXPECT_EQ(answer.inspection.crossing->crossing_id, "");
  EXPECT_EQ(*store_.Count(), 1);

  ASSERT_OK_AND_ASSIGN(Desk::DriveResult drive, desk_.DrivePending());
  EXPECT_EQ(drive.postponed, 1);
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.postponed, 0);  // not before its time

  register_is_down_ = false;
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.accepted, 1);
  EXPECT_EQ(*store_.Count(), 0);
  // Every attempt asked for the same crossing.
  ASSERT_THAT(asked_, SizeIs(3));
  EXPECT_EQ(asked_[0].inspection, asked_[2].inspection);
  EXPECT_EQ(asked_[0].time, asked_[2].time);
  ASSERT_OK_AND_ASSIGN(const Inspection stored, store_.Get(id));
  EXPECT_EQ(stored.crossing->crossing_id, "c-" + id.value());
}

TEST_F(DeskTest, ARegisterThatIsOutIsAskedOnceARoundNotOncePerCrossing) {
  register_is_down_ = true;
  for (int i = 0; i < 3; ++i) ASSERT_OK(Decide(Open(true), Outcome::kAdmit).status());
  clock_.Advance(absl::Minutes(2));
  const size_t before = asked_.size();
  ASSERT_OK_AND_ASSIGN(Desk::DriveResult drive, desk_.DrivePending());
  EXPECT_EQ(drive.postponed, 1);
  EXPECT_EQ(asked_.size(), before + 1);

  register_is_down_ = false;
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.accepted, 2);
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.accepted, 1);
  EXPECT_EQ(*store_.Count(), 0);
}

TEST_F(DeskTest, RepeatedDecisionGivesTheSameAnswerAndDrivesWhatIsPending) {
  register_is_down_ = true;
  const InspectionId id = Open(true);
  ASSERT_OK_AND_ASSIGN(const DeskAnswer first, Decide(id, Outcome::kAdmit));
  register_is_down_ = false;
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer again, Decide(id, Outcome::kAdmit));
  EXPECT_EQ(again.ruling, Ruling::kRepeated);
  EXPECT_THAT(again.inspection.decisions, SizeIs(1));
  EXPECT_EQ(again.inspection.decisions[0].time, first.inspection.decisions[0].time);
  EXPECT_EQ(again.inspection.crossing->crossing_id, "c-" + id.value());
}

TEST_F(DeskTest, NobodyDecidedClosesAsAbandonedAndCountsNowhere) {
  const InspectionId old = Open(true);
  const InspectionId referred = Open(false);
  ASSERT_OK(Decide(referred, Outcome::kRefer).status());
  clock_.Advance(absl::Minutes(31));
  const InspectionId fresh = Open(true);
  ASSERT_OK_AND_ASSIGN(const int closed, desk_.CloseUndecided());
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(store_.Get(old)->state, State::kAbandoned);
  EXPECT_EQ(store_.Get(old)->decisions.back().reason_code, "NOBODY_DECIDED");
  EXPECT_EQ(store_.Get(referred)->state, State::kReferred);
  EXPECT_EQ(store_.Get(fresh)->state, State::kOpen);
  EXPECT_THAT(asked_, SizeIs(0));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer late, Decide(old, Outcome::kAdmit));
  EXPECT_EQ(late.ruling, Ruling::kAlreadyDecided);
}

TEST_F(DeskTest, UnknownInspectionIsNotFound) {
  EXPECT_THAT(Decide(InspectionId("none"), Outcome::kAdmit), StatusIs(absl::StatusCode::kNotFound));
}

TEST(Backoff, DoublesFromASecondToAMinute) {
  EXPECT_EQ(Backoff(0), absl::Seconds(1));
  EXPECT_EQ(Backoff(3), absl::Seconds(8));
  EXPECT_EQ(Backoff(6), absl::Minutes(1));
  EXPECT_EQ(Backoff(1000), absl::Minutes(1));
}

}  // namespace
}  // namespace gatehouse::inspection
