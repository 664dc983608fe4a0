#include "services/inspection/desk.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/status_matchers.h"
#include "services/inspection/fakes_testing.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Decider kOfficer{.officer = "officer-1", .identity = "officer-1"};
const Decider kGate{.identity = "gate-1"};
const Moment kAtOnce{.now = absl::UnixEpoch(), .abandon_after = absl::Minutes(30)};  // when Made() is made

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
    EXPECT_EQ(Rule(inspection, {row.asked, "CODE"}, kOfficer, kAtOnce), row.officer) << "officer, row " << number;
    EXPECT_EQ(Rule(inspection, {row.asked, "CODE"}, kGate, kAtOnce), row.gate) << "gate, row " << number;
    ++number;
  }
}

TEST(Rule, SameDecisionAgainIsARepetition) {
  for (const Outcome outcome : {Outcome::kAdmit, Outcome::kRefer, Outcome::kRefuse, Outcome::kAbandon}) {
    EXPECT_EQ(Rule(Made(true, {outcome}), {outcome, "EARLIER"}, kOfficer, kAtOnce), Ruling::kRepeated);
  }
  EXPECT_EQ(Rule(Made(true, {Outcome::kAdmit}), {Outcome::kAdmit, "EARLIER"}, kGate, kAtOnce), Ruling::kRepeated);
  // The reply to a gate's repetition must not hide that it may not refuse.
  EXPECT_EQ(Rule(Made(true, {Outcome::kRefuse}), {Outcome::kRefuse, "EARLIER"}, kGate, kAtOnce),
            Ruling::kNamedOfficerRequired);
}

TEST(Rule, WhatWasFoundIsNotDecidedOnWhenItIsOld) {
  const auto ruling = [](absl::Duration age, Outcome outcome, std::vector<Outcome> taken, const Decider& decider) {
    const Moment moment{.now = absl::UnixEpoch() + age, .abandon_after = absl::Minutes(30)};
    return Rule(Made(true, std::move(taken)), {outcome, "CODE"}, decider, moment);
  };
  EXPECT_EQ(ruling(absl::Minutes(30), Outcome::kAdmit, {}, kGate), Ruling::kAllowed);
  EXPECT_EQ(ruling(absl::Minutes(31), Outcome::kAdmit, {}, kGate), Ruling::kTooOld);
  for (const absl::Duration age : {absl::Hours(24 * 60), -absl::Minutes(2)}) {
    EXPECT_EQ(ruling(age, Outcome::kAdmit, {}, kGate), Ruling::kTooOld);
    EXPECT_EQ(ruling(age, Outcome::kAdmit, {}, kOfficer), Ruling::kTooOld);
    EXPECT_EQ(ruling(age, Outcome::kRefuse, {}, kOfficer), Ruling::kTooOld);
    EXPECT_EQ(ruling(age, Outcome::kAbandon, {}, kOfficer), Ruling::kAllowed);
    // A referral waits for a human as long as it must, and what was decided stays decided.
    EXPECT_EQ(ruling(age, Outcome::kAdmit, {Outcome::kRefer}, kOfficer), Ruling::kAllowed);
    EXPECT_EQ(Rule(Made(true, {Outcome::kAdmit}), {Outcome::kAdmit, "EARLIER"}, kGate,
                   {.now = absl::UnixEpoch() + age, .abandon_after = absl::Minutes(30)}),
              Ruling::kRepeated);
  }
  EXPECT_EQ(ruling(-absl::Seconds(59), Outcome::kAdmit, {}, kGate), Ruling::kAllowed);  // another process's clock
}

TEST(Rule, OnlyANamedHumanAdmitsWhenAnotherInspectionHadTheLastWord) {
  Inspection inspection = Made(true);
  inspection.overtaken = true;
  EXPECT_EQ(Rule(inspection, {Outcome::kAdmit, "CODE"}, kGate, kAtOnce), Ruling::kOvertaken);
  EXPECT_EQ(Rule(inspection, {Outcome::kRefer, "CODE"}, kGate, kAtOnce), Ruling::kAllowed);
  EXPECT_EQ(Rule(inspection, {Outcome::kAdmit, "CODE"}, kOfficer, kAtOnce), Ruling::kAllowed);
  EXPECT_EQ(Rule(inspection, {Outcome::kRefuse, "CODE"}, kOfficer, kAtOnce), Ruling::kAllowed);
  inspection = Made(true, {Outcome::kAdmit});
  inspection.overtaken = true;
  EXPECT_EQ(Rule(inspection, {Outcome::kAdmit, "EARLIER"}, kGate, kAtOnce), Ruling::kRepeated);
}

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    services_.record = [this](const CrossingRequest& request) -> absl::StatusOr<std::string> {
      const std::string& text = request.Reveal();
      asked_.push_back(text);
      if (register_is_down_) return absl::UnavailableError("UNAVAILABLE");
      const std::string id = text.substr(0, text.find('|'));
      if (refused_.contains(id)) return absl::AlreadyExistsError("REQUEST_ID_REUSED");
      return "c-" + id;
    };
  }

  InspectionId Open(bool clear) {
    Inspection inspection = Made(clear);
    inspection.id = InspectionId("i" + std::to_string(++made_));
    inspection.time = clock_.Now();
    EXPECT_OK(store_.Create({.id = inspection.id.value()}, inspection).status());
    return inspection.id;
  }

  absl::StatusOr<DeskAnswer> Decide(const InspectionId& id, Outcome outcome, const Decider& decider = kOfficer,
                                    const RequestKey& request = {}) {
    return desk_.Decide(id, request, {outcome, "CODE"}, decider, {.deadline = absl::InfiniteFuture()});
  }

  FakeStore store_;
  FakeServices services_;
  gatehouse::testing::FakeClock clock_;
  Desk desk_{{.store = store_, .intents = store_, .recorder = services_, .clock = clock_}};
  std::vector<std::string> asked_;
  std::set<std::string> refused_;  // inspections whose crossing the register refuses
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
  EXPECT_THAT(asked_[0], HasSubstr("|officer-1|CODE|admitted"));
  EXPECT_EQ(store_.Count()->pending, 0);
}

TEST_F(DeskTest, RefusalMakesARefusedCrossingAndReferralNone) {
  ASSERT_OK_AND_ASSIGN(const DeskAnswer refused, Decide(Open(true), Outcome::kRefuse));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0], HasSubstr("|CODE|refused"));
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
  EXPECT_EQ(store_.Count()->pending, 1);

  ASSERT_OK_AND_ASSIGN(Desk::DriveResult drive, desk_.DrivePending());
  EXPECT_EQ(drive.postponed, 1);
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.postponed, 0);  // not before its time

  register_is_down_ = false;
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK_AND_ASSIGN(drive, desk_.DrivePending());
  EXPECT_EQ(drive.accepted, 1);
  EXPECT_EQ(store_.Count()->pending, 0);
  // Every attempt asked for the same crossing, byte for byte.
  ASSERT_THAT(asked_, SizeIs(3));
  EXPECT_EQ(asked_[0], asked_[2]);
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
  EXPECT_EQ(store_.Count()->pending, 0);
}

TEST_F(DeskTest, ACrossingRefusedForGoodLeavesTheLoopAndIsKept) {
  const InspectionId bad = Open(true);
  refused_.insert(bad.value());
  ASSERT_OK_AND_ASSIGN(const DeskAnswer answer, Decide(bad, Outcome::kAdmit));
  EXPECT_EQ(answer.inspection.crossing->refusal, "REQUEST_ID_REUSED");
  ASSERT_OK_AND_ASSIGN(const std::vector<RefusedCrossing> refused, store_.ListRefused(10));
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].inspection, bad);

  clock_.Advance(absl::Minutes(5));
  const size_t before = asked_.size();
  ASSERT_OK(desk_.DrivePending().status());
  EXPECT_EQ(asked_.size(), before);  // nobody asks in vain

  refused_.clear();
  ASSERT_OK(store_.Retry(bad, clock_.Now()));
  ASSERT_OK_AND_ASSIGN(const Desk::DriveResult driven, desk_.DrivePending());
  EXPECT_EQ(driven.accepted, 1);
  EXPECT_EQ(asked_.front(), asked_.back());
  EXPECT_THAT(store_.Retry(bad, clock_.Now()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DeskTest, OneRefusedCrossingAndOneDamagedRequestStopNoOther) {
  register_is_down_ = true;
  std::vector<InspectionId> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(Open(true));
    ASSERT_OK(Decide(ids.back(), Outcome::kAdmit).status());
  }
  register_is_down_ = false;
  refused_.insert(ids[0].value());
  store_.damaged_requests.insert(ids[1]);
  clock_.Advance(absl::Minutes(5));
  ASSERT_OK_AND_ASSIGN(const Desk::DriveResult driven, desk_.DrivePending());
  EXPECT_EQ(driven.accepted, 1);
  EXPECT_EQ(driven.refused, 2);
  EXPECT_FALSE(driven.last_failure.ok());
  EXPECT_EQ(store_.Get(ids[1])->crossing->refusal, "REQUEST_DAMAGED");
  EXPECT_EQ(store_.Get(ids[2])->crossing->crossing_id, "c-" + ids[2].value());
}

// A whole batch of rows that do not read at the head.
TEST_F(DeskTest, IntentsThatDoNotReadDoNotFillEveryBatch) {
  register_is_down_ = true;
  for (int i = 0; i < 100; ++i) {
    const InspectionId id = Open(true);
    ASSERT_OK(Decide(id, Outcome::kAdmit).status());
    store_.damaged_intents.insert(id);
  }
  clock_.Advance(absl::Seconds(1));
  const InspectionId whole = Open(true);
  ASSERT_OK(Decide(whole, Outcome::kAdmit).status());
  register_is_down_ = false;
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const Desk::DriveResult first, desk_.DrivePending());
  EXPECT_THAT(first.damaged, SizeIs(100));
  ASSERT_OK_AND_ASSIGN(const Desk::DriveResult second, desk_.DrivePending());
  EXPECT_EQ(second.accepted, 1);
  EXPECT_EQ(store_.Get(whole)->crossing->crossing_id, "c-" + whole.value());
  store_.damaged_intents.clear();
  ASSERT_OK_AND_ASSIGN(const Desk::DriveResult mended, desk_.DrivePending());
  EXPECT_EQ(mended.accepted, 100);
}

TEST_F(DeskTest, OneRequestIdTakesOneDecisionAlsoAfterALaterOne) {
  const InspectionId id = Open(false);
  const RequestKey first{.id = "d1", .content = base::Redacted<std::string>("refer")};
  ASSERT_OK(Decide(id, Outcome::kRefer, kOfficer, first).status());
  ASSERT_OK(
      Decide(id, Outcome::kAdmit, kOfficer, {.id = "d2", .content = base::Redacted<std::string>("admit")}).status());
  ASSERT_OK_AND_ASSIGN(const DeskAnswer again, Decide(id, Outcome::kRefer, kOfficer, first));
  EXPECT_EQ(again.ruling, Ruling::kRepeated);
  EXPECT_EQ(again.decision, 0u);
  EXPECT_THAT(again.inspection.decisions, SizeIs(2));
  EXPECT_THAT(Decide(id, Outcome::kRefuse, kOfficer, {.id = "d1", .content = base::Redacted<std::string>("refuse")}),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(DeskTest, AnInspectionThatDoesNotReadDoesNotKeepTheOthersOpen) {
  const InspectionId first = Open(true);
  const InspectionId second = Open(true);
  store_.unreadable.insert(first);
  clock_.Advance(absl::Minutes(31));
  ASSERT_OK_AND_ASSIGN(const Desk::CloseResult result, desk_.CloseUndecided());
  EXPECT_EQ(result.closed, 1);
  EXPECT_THAT(result.damaged, ::testing::ElementsAre(first.value()));
  EXPECT_EQ(store_.Get(second)->state, State::kAbandoned);
  EXPECT_EQ(store_.Get(first)->state, State::kOpen);
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
  ASSERT_OK_AND_ASSIGN(const Desk::CloseResult result, desk_.CloseUndecided());
  EXPECT_EQ(result.closed, 1);
  EXPECT_EQ(store_.Get(old)->state, State::kAbandoned);
  EXPECT_EQ(store_.Get(old)->decisions.back().reason_code, "NOBODY_DECIDED");
  EXPECT_EQ(store_.Get(referred)->state, State::kReferred);
  EXPECT_EQ(store_.Get(fresh)->state, State::kOpen);
  EXPECT_THAT(asked_, SizeIs(0));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer late, Decide(old, Outcome::kAdmit));
  EXPECT_EQ(late.ruling, Ruling::kAlreadyDecided);
}

// A post that was off meanwhile: nothing has closed it yet.
TEST_F(DeskTest, AnOldInspectionIsNotDecidedAlsoWhenNothingHasClosedIt) {
  const InspectionId id = Open(true);
  clock_.Advance(absl::Hours(24 * 60));
  ASSERT_OK_AND_ASSIGN(const DeskAnswer answer, Decide(id, Outcome::kAdmit, kGate));
  EXPECT_EQ(answer.ruling, Ruling::kTooOld);
  EXPECT_EQ(store_.Get(id)->state, State::kOpen);
  EXPECT_THAT(asked_, SizeIs(0));
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
