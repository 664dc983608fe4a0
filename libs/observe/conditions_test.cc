#include "libs/observe/conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace gatehouse::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConditionsTest : public ::testing::Test {
 protected:
  std::string LogOf(const std::function<void()>& act) {
    ::testing::internal::CaptureStderr();
    act();
    return ::testing::internal::GetCapturedStderr();
  }

  const std::unique_ptr<Metrics> metrics_ = Metrics::Make();
  const std::unique_ptr<Conditions> conditions_ = Conditions::Make(*metrics_, base::SystemClock());
};

TEST_F(ConditionsTest, IsHeardWhenItChangesAndOnlyThen) {
  const auto raise = [this] { conditions_->Raise("audit.log", Severity::kNotServing, "the disk is full"); };
  EXPECT_THAT(LogOf(raise), HasSubstr("the disk is full"));
  EXPECT_EQ(LogOf(raise), "");
  EXPECT_THAT(LogOf([this] { conditions_->Raise("audit.log", Severity::kNotServing, "read-only"); }),
              HasSubstr("read-only"));
  EXPECT_THAT(LogOf([this] { conditions_->Clear("audit.log"); }), HasSubstr("condition cleared"));
  EXPECT_EQ(LogOf([this] { conditions_->Clear("audit.log"); }), "");
}

TEST_F(ConditionsTest, AreAGaugeEach) {
  conditions_->Raise("watchlist.base.un", Severity::kDegraded, "cannot be decoded");
  EXPECT_THAT(metrics_->Text(), HasSubstr("gatehouse_condition{name=\"watchlist.base.un\"} 1"));
  conditions_->Clear("watchlist.base.un");
  EXPECT_THAT(metrics_->Text(), HasSubstr("gatehouse_condition{name=\"watchlist.base.un\"} 0"));
}

TEST_F(ConditionsTest, ListsWhatIsRaisedAndRemembersEveryName) {
  conditions_->Raise("a.b", Severity::kDegraded, "one");
  conditions_->Raise("c.d", Severity::kNotServing, "two");
  conditions_->Clear("a.b");
  const std::vector<Condition> raised = conditions_->Raised();
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].name, "c.d");
  EXPECT_EQ(raised[0].severity, Severity::kNotServing);
  EXPECT_THAT(conditions_->Names(), ::testing::ElementsAre("a.b", "c.d"));
}

TEST_F(ConditionsTest, KeepNoMoreThanTheirBound) {
  const std::string log = LogOf([this] {
    for (size_t i = 0; i < kMaxConditions + 3; ++i) {
      conditions_->Raise(absl::StrCat("n.", i), Severity::kDegraded, "x");
    }
  });
  EXPECT_EQ(conditions_->Raised().size(), kMaxConditions);
  EXPECT_THAT(log, HasSubstr(absl::StrCat("n.", kMaxConditions + 2)));
}

}  // namespace
}  // namespace gatehouse::observe
