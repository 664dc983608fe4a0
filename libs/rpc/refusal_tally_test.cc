#include "libs/rpc/refusal_tally.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

namespace gatehouse::rpc {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

audit::Leaf Refused(absl::Time time, const std::string& identity = "stranger") {
  return {
      .kind = audit::Kind::kRefusal, .time = time, .identity = identity, .verb = "/m", .outcome = "PERMISSION_DENIED"};
}

TEST(RefusalTallyTest, TheFirstFewOfAMinuteAreWrittenAndTheRestCounted) {
  RefusalTally tally;
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  size_t written = 0;
  for (int i = 0; i < 600; ++i) written += tally.Add(Refused(begin + absl::Milliseconds(50 * i))).size();
  EXPECT_EQ(written, static_cast<size_t>(kRefusalsWrittenAtOnce));
  EXPECT_THAT(tally.Due(begin + absl::Seconds(59)), IsEmpty());
  const std::vector<audit::Leaf> due = tally.Due(begin + absl::Seconds(60));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].count, 600u - kRefusalsWrittenAtOnce);
  EXPECT_EQ(due[0].identity, "stranger");
  EXPECT_THAT(tally.Due(absl::InfiniteFuture()), IsEmpty());
}

TEST(RefusalTallyTest, ANewMinuteBeginsWithTheCountOfTheLast) {
  RefusalTally tally;
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 20; ++i) tally.Add(Refused(begin));
  const std::vector<audit::Leaf> leaves = tally.Add(Refused(begin + absl::Seconds(61)));
  ASSERT_THAT(leaves, SizeIs(2));
  EXPECT_EQ(leaves[0].count, 20u - kRefusalsWrittenAtOnce);
  EXPECT_EQ(leaves[1].count, 1u);
}

TEST(RefusalTallyTest, CallersAreToldApartUpToABound) {
  RefusalTally tally;
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_THAT(tally.Add(Refused(begin, "a")), SizeIs(1));
  EXPECT_THAT(tally.Add(Refused(begin, "b")), SizeIs(1));
  uint32_t counted = 2;
  for (int i = 0; i < 10'000; ++i) {
    for (const audit::Leaf& leaf : tally.Add(Refused(begin, absl::StrCat("caller-", i)))) counted += leaf.count;
  }
  for (const audit::Leaf& leaf : tally.Due(absl::InfiniteFuture())) counted += leaf.count;
  EXPECT_EQ(counted, 10'002u) << "none is lost";
}

// A certificate without rights may invent a method for each call.
TEST(RefusalTallyTest, WhatOneCallerInventsHidesNobodyElse) {
  RefusalTally tally;
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  size_t written = 0;
  for (int i = 0; i < 10'000; ++i) {
    audit::Leaf leaf = Refused(begin, "intruder");
    leaf.verb = absl::StrCat("/invented/", i);
    written += tally.Add(std::move(leaf)).size();
  }
  EXPECT_EQ(written, static_cast<size_t>(kRefusalsWrittenOfCaller));
  for (const char* other : {"gate-1", "officer-2"}) {
    const std::vector<audit::Leaf> leaves = tally.Add(Refused(begin, other));
    ASSERT_THAT(leaves, SizeIs(1));
    EXPECT_EQ(leaves[0].identity, other);
    EXPECT_EQ(leaves[0].verb, "/m");
  }
  const std::vector<audit::Leaf> due = tally.Due(absl::InfiniteFuture());
  EXPECT_LE(due.size(), kMaxRefusalKinds + 1) << "what he left unread in the log is bounded too";
  uint32_t counted = 0;
  for (const audit::Leaf& leaf : due) {
    EXPECT_EQ(leaf.identity, "intruder");
    counted += leaf.count;
  }
  EXPECT_EQ(counted + written, 10'000u);
}

TEST(RefusalTallyTest, ACallerHasHisLeavesAnewWithEachMinute) {
  RefusalTally tally;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int minute = 0; minute < 3; ++minute, now += kRefusalWindow) {
    size_t written = 0;
    for (int i = 0; i < 100; ++i) {
      audit::Leaf leaf = Refused(now);
      leaf.verb = absl::StrCat("/m/", i % 8);
      written += tally.Add(std::move(leaf)).size();
    }
    EXPECT_EQ(written, static_cast<size_t>(kRefusalsWrittenOfCaller)) << minute;
    tally.Due(now + kRefusalWindow);
  }
}

TEST(RefusalTallyTest, ACountThatCouldNotBeWrittenComesAgain) {
  RefusalTally tally;
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 20; ++i) tally.Add(Refused(begin));
  const std::vector<audit::Leaf> due = tally.Due(absl::InfiniteFuture());
  ASSERT_THAT(due, SizeIs(1));
  tally.PutBack(due[0]);
  ASSERT_THAT(tally.Due(absl::InfiniteFuture()), SizeIs(1));
}

}  // namespace
}  // namespace gatehouse::rpc
