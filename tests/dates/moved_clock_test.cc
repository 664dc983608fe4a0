// Every clock of the time of day shows the date of the run, and waits last no longer for it. Without a moved clock it
// is the date of the day.
#include <gtest/gtest.h>
#include <sys/time.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace {

constexpr double kToleranceSeconds = 3600;

// Where tests/run.py moved the clock to; now when it did not.
double Expected() {
  const char* const text = std::getenv("GATEHOUSE_TEST_DATE");
  absl::Time date;
  std::string error;
  if (text != nullptr && !absl::ParseTime(absl::RFC3339_full, text, &date, &error)) return 0;
  return static_cast<double>(text == nullptr ? std::time(nullptr) : absl::ToUnixSeconds(date));
}

TEST(MovedClockTest, EveryClockShowsTheDateOfTheRun) {
  EXPECT_NEAR(static_cast<double>(std::time(nullptr)), Expected(), kToleranceSeconds);
  EXPECT_NEAR(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()), Expected(), kToleranceSeconds);
  timeval day{};
  ASSERT_EQ(gettimeofday(&day, nullptr), 0);
  EXPECT_NEAR(static_cast<double>(day.tv_sec), Expected(), kToleranceSeconds);
  timespec standard{};
  ASSERT_EQ(std::timespec_get(&standard, TIME_UTC), TIME_UTC);
  EXPECT_NEAR(static_cast<double>(standard.tv_sec), Expected(), kToleranceSeconds);
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(std::chrono::duration<double>(system).count(), Expected(), kToleranceSeconds);
}

// Each waits for something that never comes: for the time it was told, not for years and not for nothing.
template <typename Wait>
void ExpectToLast(absl::Duration told, Wait wait) {
  const auto begin = std::chrono::steady_clock::now();
  wait();
  const auto lasted = absl::FromChrono(std::chrono::steady_clock::now() - begin);
  EXPECT_GE(lasted, told - absl::Milliseconds(20));
  EXPECT_LE(lasted, absl::Seconds(60));
}

TEST(MovedClockTest, WaitsLastAsLongAsTheyAreTold) {
  const absl::Duration told = absl::Milliseconds(100);
  absl::Mutex absl_mutex;
  absl::CondVar absl_changed;
  ExpectToLast(told, [&] {
    const absl::MutexLock lock(&absl_mutex);
    absl_changed.WaitWithDeadline(&absl_mutex, absl::Now() + told);
  });
  std::mutex mutex;
  std::condition_variable changed;
  ExpectToLast(told, [&] {
    std::unique_lock lock(mutex);
    changed.wait_until(lock, std::chrono::system_clock::now() + absl::ToChronoMilliseconds(told), [] { return false; });
  });
  ExpectToLast(told, [&] {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, absl::ToChronoMilliseconds(told), [] { return false; });
  });
}

}  // namespace
