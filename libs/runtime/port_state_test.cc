#include "libs/runtime/port_state.h"

#include <gmock/gmock.h>

namespace gatehouse::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

const absl::Status kDeaf = absl::UnavailableError("accept: timed out");
const absl::Status kNotAsked = absl::UnknownError("bind: cannot assign requested address");
constexpr absl::Duration kRound = absl::Seconds(7);

TEST(DeafnessTest, IsOverItsLimitWhenNobodyWasHeardForSoLong) {
  Deafness deafness(absl::Seconds(60));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(deafness.Asked(kDeaf, kRound)) << i;
  EXPECT_FALSE(deafness.Asked(absl::OkStatus(), kRound));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(deafness.Asked(kDeaf, kRound)) << "it counts anew";
  EXPECT_TRUE(deafness.Asked(kDeaf, kRound));
}

TEST(DeafnessTest, WhoCannotAskIsNotAReasonToEnd) {
  Deafness deafness(absl::Seconds(60));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(deafness.Asked(kNotAsked, kRound));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(deafness.Asked(kDeaf, kRound)) << "what was not known did not count";
  EXPECT_FALSE(deafness.Asked(kNotAsked, kRound));
  EXPECT_TRUE(deafness.Asked(kDeaf, kRound)) << "nor is it an answer";
}

TEST(DeafnessTest, AProcessThatWasStoppedIsAskedAgainBeforeItEnds) {
  Deafness deafness(absl::Seconds(60));
  EXPECT_FALSE(deafness.Asked(kDeaf, absl::Hours(1)));
}

TEST(CrowdingTest, NamesTheFirstThatWasRefusedUntilNobodyIsForAWhile) {
  Crowding crowding;
  absl::Duration now = absl::Hours(100);
  EXPECT_EQ(crowding.Look({}, now), std::nullopt);
  const rpc::ConnectionCounts first{.refused = 1, .refused_last = "192.0.2.1, because all connections are taken"};
  EXPECT_THAT(crowding.Look(first, now), Optional(HasSubstr("192.0.2.1, because all")));
  now += kCrowdingPatience / 2;
  const rpc::ConnectionCounts more{.refused = 5, .refused_last = "192.0.2.2, because all connections are taken"};
  EXPECT_THAT(crowding.Look(more, now), Optional(HasSubstr("192.0.2.1"))) << "one reason, not one a second";
  now += kCrowdingPatience / 2;
  EXPECT_THAT(crowding.Look(more, now), Optional(HasSubstr("192.0.2.1"))) << "the flood may come again";
  now += kCrowdingPatience / 2;
  EXPECT_EQ(crowding.Look(more, now), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::runtime
