// An inspection beside others of the same traveller: what our own store remembers, and what happens meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "services/inspection/fakes_testing.h"
#include "services/inspection/inspector.h"
#include "services/inspection/shown_keys.h"

namespace gatehouse::inspection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

base::Identity Anna() {
  return {.name = {.primary = "ERIKSSON", .secondary = "ANNA"},
          .birth_date = {1974, 8, 12},
          .sex = base::Sex::kFemale,
          .nationality = "UTO",
          .document = {.number = "L898902C3", .issuer = "UTO"}};
}

class InspectorOvertakenTest : public ::testing::Test {
 protected:
  InspectorOvertakenTest() {
    services_.screen = [](const Shown&) { return ListAnswers{}; };
    services_.find = [](const base::Identity&) { return History{}; };
  }

  absl::StatusOr<Inspection> Inspect() {
    InspectInput input{.keyed = base::Redacted(Anna()), .post = "NORTH-1"};
    return inspector_.Inspect(std::move(input), {.deadline = clock_.Now() + absl::Seconds(10)});
  }

  static Check PastOf(const absl::StatusOr<Inspection>& inspection) {
    EXPECT_OK(inspection.status());
    for (const Check& check : inspection->checks) {
      if (check.id == kHistory) return check;
    }
    return {};
  }

  FakeStore store_;
  FakeServices services_;
  gatehouse::testing::FakeClock clock_;
  gatehouse::testing::SeededRandom random_{3};
  Inspector inspector_{{.verifier = services_,
                        .screener = services_,
                        .directory = services_,
                        .store = store_,
                        .pool = nullptr,
                        .clock = clock_,
                        .random = random_,
                        .policy = {.version = "1", .required_checks = {"history"}}}};
};

TEST_F(InspectorOvertakenTest, NothingBesideItIsClear) {
  const absl::StatusOr<Inspection> inspection = Inspect();
  EXPECT_EQ(PastOf(inspection).status, CheckStatus::kSuccessful);
  EXPECT_TRUE(inspection->recommendation.clear);
  EXPECT_THAT(inspection->keys.Reveal(),
              ElementsAre("document|UTO|L898902C3", HasSubstr("person|ERIKSSON<ANNA|1974-08-12|")));
}

TEST_F(InspectorOvertakenTest, WhatHappensWhileTheRegisterIsAskedLeavesHistoryOpen) {
  services_.find = [this](const base::Identity&) {
    store_.latest = "another inspection";
    return History{};
  };
  const absl::StatusOr<Inspection> inspection = Inspect();
  EXPECT_EQ(PastOf(inspection).status, CheckStatus::kUndetermined);
  EXPECT_THAT(PastOf(inspection).reason, HasSubstr("at the same moment"));
  EXPECT_FALSE(inspection->recommendation.clear);
  ASSERT_OK_AND_ASSIGN(const Inspection stored, store_.Get(inspection->id));
  EXPECT_FALSE(stored.recommendation.clear);
}

TEST_F(InspectorOvertakenTest, ADecisionThatIsNotInTheRegisterLeavesHistoryOpen) {
  store_.unsettled = {{.state = State::kRefused, .post = "WEST-3", .time = absl::UnixEpoch()},
                      {.state = State::kReferred, .post = "EAST-4", .time = absl::UnixEpoch()}};
  const absl::StatusOr<Inspection> inspection = Inspect();
  EXPECT_EQ(PastOf(inspection).status, CheckStatus::kUndetermined);
  EXPECT_EQ(PastOf(inspection).reason,
            "a decision on this document or person is not in the register yet: refused at WEST-3 on 1970-01-01; "
            "referred at EAST-4 on 1970-01-01 and not decided yet");
  EXPECT_FALSE(inspection->recommendation.clear);
}

TEST_F(InspectorOvertakenTest, AStoreThatDoesNotRememberLeavesHistoryNotDone) {
  store_.recall_fails = absl::UnavailableError("locked");
  const absl::StatusOr<Inspection> inspection = Inspect();
  EXPECT_EQ(PastOf(inspection).status, CheckStatus::kNotDone);
  EXPECT_FALSE(inspection->recommendation.clear);
}

TEST(ShownKeys, AreTheSameHoweverItIsWritten) {
  const auto keys = [](const base::Identity& identity) {
    return ShownKeys(CollectShown({{ShownAt::kKeyed, base::Redacted(identity)}}, base::Redacted(identity)));
  };
  base::Identity keyed = Anna();
  keyed.name = {.full = "Eriksson Anna"};
  keyed.document.number = "l898902c3";
  EXPECT_EQ(keys(keyed), keys(Anna()));
  keyed.birth_date = {1974, 0, 0};
  keyed.document = {};
  EXPECT_THAT(keys(keyed), IsEmpty()) << "two namesakes are not one";
}

}  // namespace
}  // namespace gatehouse::inspection
