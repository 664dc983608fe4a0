#include "services/inspection/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr CheckStatus kAllStatuses[] = {CheckStatus::kSuccessful,   CheckStatus::kFailed,  CheckStatus::kUndetermined,
                                        CheckStatus::kNotSupported, CheckStatus::kAborted, CheckStatus::kNotDone};

Policy TwoChecks() {
  return {.version = "7",
          .required_checks = {"mrz"},
          .rules = {{.name = "revoked", .check = "revocation", .when = {CheckStatus::kFailed}, .text = "revoked"}}};
}

// Every status of a required check, of one that a rule watches, and of one nobody watches.
TEST(Recommend, ClearOnlyWhenEveryRequiredCheckIsGoodAndNoRuleRefers) {
  for (const CheckStatus mrz : kAllStatuses) {
    for (const CheckStatus revocation : kAllStatuses) {
      for (const CheckStatus biometric : kAllStatuses) {
        const Recommendation recommendation = Recommend(TwoChecks(), {{.id = "mrz", .status = mrz, .reason = "r"},
                                                                      {.id = "revocation", .status = revocation},
                                                                      {.id = "biometric", .status = biometric}});
        const bool expected = mrz == CheckStatus::kSuccessful && revocation != CheckStatus::kFailed;
        EXPECT_EQ(recommendation.clear, expected);
        EXPECT_EQ(recommendation.reasons.empty(), expected);
        EXPECT_EQ(recommendation.policy_version, "7");
      }
    }
  }
}

TEST(Recommend, MissingRequiredCheckRefers) {
  const Recommendation recommendation = Recommend(TwoChecks(), {});
  EXPECT_FALSE(recommendation.clear);
  ASSERT_THAT(recommendation.reasons, SizeIs(1));
  EXPECT_EQ(recommendation.reasons[0].check, "mrz");
  EXPECT_EQ(recommendation.reasons[0].rule, "required");
}

TEST(Recommend, RuleExplainsARequiredCheckOnce) {
  Policy policy = TwoChecks();
  policy.rules.push_back({.name = "bad_zone", .check = "mrz", .when = {CheckStatus::kFailed}, .text = "look at it"});
  const Recommendation by_rule = Recommend(policy, {{.id = "mrz", .status = CheckStatus::kFailed, .reason = "digit"}});
  ASSERT_THAT(by_rule.reasons, SizeIs(1));
  EXPECT_EQ(by_rule.reasons[0].rule, "bad_zone");
  EXPECT_EQ(by_rule.reasons[0].text, "look at it");
  const Recommendation by_requirement =
      Recommend(policy, {{.id = "mrz", .status = CheckStatus::kNotDone, .reason = "not read"}});
  ASSERT_THAT(by_requirement.reasons, SizeIs(1));
  EXPECT_EQ(by_requirement.reasons[0].text, "required: not read");
}

TEST(Recommend, EveryRuleThatSpeaksIsHeard) {
  Policy policy = TwoChecks();
  policy.rules.push_back({.name = "again", .check = "revocation", .when = {CheckStatus::kFailed}, .text = "again"});
  const Recommendation recommendation = Recommend(policy, {{.id = "mrz", .status = CheckStatus::kSuccessful},
                                                           {.id = "revocation", .status = CheckStatus::kFailed}});
  EXPECT_FALSE(recommendation.clear);
  EXPECT_THAT(recommendation.reasons, SizeIs(2));
}

// A sum of other checks refers like any, and is heard only where none of them was.
TEST(Recommend, ARuleThatSumsUpIsHeardWhenItIsTheFirst) {
  const Policy policy{.version = "8",
                      .required_checks = {"mrz", "document_verdict"},
                      .rules = {{.name = "zone", .check = "mrz", .when = {CheckStatus::kFailed}, .text = "the zone"},
                                {.name = "sum",
                                 .check = "document_verdict",
                                 .when = {CheckStatus::kFailed},
                                 .text = "something",
                                 .if_first = true}}};
  const Check bad{.id = "document_verdict", .status = CheckStatus::kFailed};
  const Recommendation alone = Recommend(policy, {{.id = "mrz", .status = CheckStatus::kSuccessful}, bad});
  EXPECT_FALSE(alone.clear);
  ASSERT_THAT(alone.reasons, SizeIs(1));
  EXPECT_EQ(alone.reasons[0].text, "something");
  const Recommendation both = Recommend(policy, {{.id = "mrz", .status = CheckStatus::kFailed}, bad});
  EXPECT_FALSE(both.clear);
  ASSERT_THAT(both.reasons, SizeIs(1));
  EXPECT_EQ(both.reasons[0].text, "the zone");
}

Policy Whole() {
  Policy policy = TwoChecks();
  policy.required_checks = {"mrz", "document_list", "nominal_list", "history"};
  return policy;
}

TEST(CheckPolicy, RefusesWhatClearsOnAMissingAnswer) {
  EXPECT_THAT(CheckPolicy(Whole()), IsOk());
  for (const char* id : {"mrz", "document_list", "nominal_list", "history"}) {
    Policy policy = Whole();
    std::erase(policy.required_checks, id);
    EXPECT_THAT(CheckPolicy(policy), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(id)));
    // Rules for every way to give no answer stand for the requirement; one way less, and they do not.
    const std::vector<CheckStatus> ways = {CheckStatus::kNotDone, CheckStatus::kUndetermined, CheckStatus::kAborted};
    for (const CheckStatus left_out : ways) {
      Policy partly = policy;
      partly.rules.push_back({.name = "silent", .check = id, .when = ways, .text = "no answer"});
      EXPECT_THAT(CheckPolicy(partly), IsOk()) << id;
      std::erase(partly.rules.back().when, left_out);
      EXPECT_THAT(CheckPolicy(partly), StatusIs(absl::StatusCode::kInvalidArgument)) << id;
    }
  }
  Policy by_chip = Whole();
  by_chip.required_checks[0] = "chip";
  EXPECT_THAT(CheckPolicy(by_chip), IsOk());
}

TEST(CheckPolicy, RefusesWhatCannotBeMeant) {
  const auto broken = [](auto change) {
    Policy policy = Whole();
    change(policy);
    return CheckPolicy(policy);
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(broken([](Policy& policy) { policy.version.clear(); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.required_checks.clear(); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.required_checks.push_back("mrzz"); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules[0].name.clear(); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules[0].check = "revocations"; }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules[0].when.clear(); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules[0].text.clear(); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules.push_back(policy.rules[0]); }), refused);
  EXPECT_THAT(broken([](Policy& policy) { policy.rules[0].when.push_back(CheckStatus::kSuccessful); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("refers on success")));
}

}  // namespace
}  // namespace gatehouse::inspection
