#include "libs/rpc/breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "libs/testing/fake_clock.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

class BreakerTest : public ::testing::Test {
 protected:
  // One call that the peer answers so after `took`; the status of what was refused, else OK.
  absl::Status Call(absl::StatusCode code, absl::Duration took = absl::Milliseconds(5)) {
    Breaker::Attempt attempt(&breaker_);
    if (!attempt.status().ok()) return attempt.status();
    clock_.Advance(took);
    attempt.Answered(code);
    return absl::OkStatus();
  }
  void Fail(int times) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(Call(absl::StatusCode::kUnavailable).ok()) << i;
  }
  bool IsRaised() const {
    for (const observe::Condition& condition : conditions_->Raised()) {
      if (condition.name == "inspection.peer.watchlist") return true;
    }
    return false;
  }

  testing::FakeClock clock_;
  std::unique_ptr<observe::Metrics> metrics_ = observe::Metrics::Make();
  std::unique_ptr<observe::Conditions> conditions_ = observe::Conditions::Make(*metrics_, clock_);
  Breaker breaker_{{.module = "inspection",
                    .peer = "watchlist",
                    .clock = clock_,
                    .conditions = *conditions_,
                    .metrics = *metrics_,
                    .max_held = 3}};
};

TEST_F(BreakerTest, FailuresInARowOpenItAndItSaysSinceWhen) {
  Fail(kBreakerFailures - 1);
  EXPECT_TRUE(Call(absl::StatusCode::kNotFound).ok()) << "an answer, whatever it says";
  const absl::Time first = clock_.Now() + absl::Milliseconds(5);
  Fail(kBreakerFailures);
  const absl::Status refused = Call(absl::StatusCode::kOk);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("watchlist has not answered since " + absl::FormatTime(first)));
  EXPECT_TRUE(IsRaised());
  EXPECT_THAT(metrics_->Text(), HasSubstr("gatehouse_inspection_peer_calls_refused_total{peer=\"watchlist\"} 1"));
}

TEST_F(BreakerTest, OneCallAtATimeTriesAndAnAnswerClosesIt) {
  Fail(kBreakerFailures);
  clock_.Advance(kBreakerPause);
  {
    Breaker::Attempt trial(&breaker_);
    ASSERT_TRUE(trial.status().ok());
    Breaker::Attempt second(&breaker_);
    EXPECT_FALSE(second.status().ok()) << "one at a time";
    trial.Answered(absl::StatusCode::kUnavailable);
  }
  EXPECT_FALSE(Call(absl::StatusCode::kOk).ok()) << "the trial failed, and the next waits its turn";
  EXPECT_TRUE(IsRaised());
  clock_.Advance(2 * kBreakerPause);
  EXPECT_TRUE(Call(absl::StatusCode::kOk).ok());
  EXPECT_FALSE(IsRaised());
  Fail(kBreakerFailures - 1);
  EXPECT_TRUE(Call(absl::StatusCode::kOk).ok()) << "it counts anew";
}

// A trial may last longer than the pause: a desk that works alone would pay for each of them.
TEST_F(BreakerTest, APauseBeginsWhenTheTrialEndsAndGrowsUpToItsBound) {
  Fail(kBreakerFailures);
  absl::Duration pause = kBreakerPause;
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(pause);
    EXPECT_TRUE(Call(absl::StatusCode::kDeadlineExceeded, 3 * kBreakerPause).ok()) << "trial " << i;
    pause = std::min(2 * pause, kBreakerLongestPause);
    clock_.Advance(pause - absl::Milliseconds(1));
    EXPECT_FALSE(Call(absl::StatusCode::kOk).ok()) << "after trial " << i;
    clock_.Advance(absl::Milliseconds(1) - pause);
  }
}

TEST_F(BreakerTest, ATrialThatSaysNothingIsFollowedByAnother) {
  Fail(kBreakerFailures);
  clock_.Advance(kBreakerPause);
  { Breaker::Attempt given_up(&breaker_); }
  clock_.Advance(kBreakerPause);
  EXPECT_TRUE(Call(absl::StatusCode::kOk).ok());
}

TEST_F(BreakerTest, DeadlinesThatWereTooShortAreNotThePeersFault) {
  for (int i = 0; i < 3 * kBreakerFailures; ++i) {
    EXPECT_TRUE(Call(absl::StatusCode::kDeadlineExceeded, kBreakerPatience / 2).ok());
    EXPECT_TRUE(Call(absl::StatusCode::kDeadlineExceeded, absl::Milliseconds(300)).ok()) << "in a hurry";
    EXPECT_TRUE(Call(absl::StatusCode::kCancelled).ok());
  }
  for (int i = 0; i < kBreakerFailures; ++i) {
    EXPECT_TRUE(Call(absl::StatusCode::kDeadlineExceeded, kBreakerPatience).ok());
  }
  EXPECT_FALSE(Call(absl::StatusCode::kOk).ok());
}

TEST_F(BreakerTest, ASilentPeerHoldsItsShareAndNoMore) {
  std::vector<std::unique_ptr<Breaker::Attempt>> held;
  for (int i = 0; i < 3; ++i) held.push_back(std::make_unique<Breaker::Attempt>(&breaker_));
  for (const auto& attempt : held) EXPECT_TRUE(attempt->status().ok());
  EXPECT_TRUE(Call(absl::StatusCode::kCancelled).ok()) << "many at once are no silence";
  clock_.Advance(kBreakerSilence);
  const absl::Status refused = Call(absl::StatusCode::kOk);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("watchlist is silent since"));
  held[0]->Answered(absl::StatusCode::kOk);
  EXPECT_TRUE(Call(absl::StatusCode::kOk).ok()) << "it answers, and there is room";
  EXPECT_FALSE(IsRaised());
}

TEST_F(BreakerTest, AClockThatIsSetBackKeepsItShutForNoLongerThanAPause) {
  Fail(kBreakerFailures);
  clock_.Advance(-absl::Hours(48));
  EXPECT_TRUE(Call(absl::StatusCode::kOk).ok());
  EXPECT_FALSE(IsRaised());
}

TEST(BreakerlessTest, WithoutABreakerEveryCallIsMade) {
  Breaker::Attempt attempt(nullptr);
  EXPECT_TRUE(attempt.status().ok());
  attempt.Answered(absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace gatehouse::rpc
