#include "libs/base/deadline.h"

#include <gtest/gtest.h>

#include <thread>

namespace gatehouse::base {
namespace {

TEST(WorkTime, IsUnboundedWithoutAScope) {
  EXPECT_EQ(CurrentWorkTime().Left(), absl::InfiniteDuration());
  EXPECT_TRUE(CheckWorkTime().ok());
}

TEST(WorkTime, AScopeBoundsTheThreadUntilItEnds) {
  {
    const WorkTimeScope scope(WorkTime::In(absl::ZeroDuration()));
    EXPECT_TRUE(absl::IsDeadlineExceeded(CheckWorkTime()));
  }
  EXPECT_TRUE(CheckWorkTime().ok());
}

TEST(WorkTime, AnInnerScopeNeverLengthensTheOuter) {
  const WorkTimeScope outer(WorkTime::In(absl::Seconds(5)));
  const WorkTimeScope inner(WorkTime::In(absl::Hours(1)));
  EXPECT_LE(CurrentWorkTime().Left(), absl::Seconds(5));
  const WorkTimeScope unbounded(WorkTime{});
  EXPECT_LE(CurrentWorkTime().Left(), absl::Seconds(5));
}

TEST(WorkTime, AnEndlessDurationIsNoBound) {
  EXPECT_EQ(WorkTime::In(absl::InfiniteDuration()).Left(), absl::InfiniteDuration());
}

TEST(WorkTime, IsCancelledByWhoeverWaits) {
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  const WorkTimeScope scope(WorkTime::In(absl::Hours(1), gone));
  EXPECT_TRUE(CheckWorkTime().ok());
  gone->store(true);
  EXPECT_TRUE(absl::IsCancelled(CheckWorkTime()));
}

TEST(WorkTime, GoesAlongToAnotherThread) {
  const auto gone = std::make_shared<std::atomic<bool>>(true);
  const WorkTimeScope scope(WorkTime::In(absl::Hours(1), gone));
  absl::Status bare, taken_along;
  std::thread([&, time = CurrentWorkTime()] {
    bare = CheckWorkTime();
    const WorkTimeScope theirs(time);
    taken_along = CheckWorkTime();
  }).join();
  EXPECT_TRUE(bare.ok());
  EXPECT_TRUE(absl::IsCancelled(taken_along));
}

}  // namespace
}  // namespace gatehouse::base
