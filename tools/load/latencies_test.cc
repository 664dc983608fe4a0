#include "tools/load/latencies.h"

#include <gtest/gtest.h>

namespace gatehouse::load {
namespace {

TEST(Latencies, PercentilesAreSamplesOfTheNearestRank) {
  Latencies latencies;
  for (int i = 100; i >= 1; --i) latencies.Add(absl::Milliseconds(i));
  EXPECT_EQ(latencies.Percentile(50), absl::Milliseconds(50));
  EXPECT_EQ(latencies.Percentile(99), absl::Milliseconds(99));
  EXPECT_EQ(latencies.Percentile(99.5), absl::Milliseconds(100));
  EXPECT_EQ(latencies.Percentile(0), absl::Milliseconds(1));
  EXPECT_EQ(latencies.Max(), absl::Milliseconds(100));
}

TEST(Latencies, OneSlowCallOfTwoIsTheTail) {
  Latencies latencies;
  latencies.Add(absl::Milliseconds(1));
  latencies.Add(absl::Seconds(9));
  EXPECT_EQ(latencies.Percentile(50), absl::Milliseconds(1));
  EXPECT_EQ(latencies.Percentile(51), absl::Seconds(9));
}

TEST(Latencies, NoneIsZero) { EXPECT_EQ(Latencies().Percentile(99), absl::ZeroDuration()); }

}  // namespace
}  // namespace gatehouse::load
