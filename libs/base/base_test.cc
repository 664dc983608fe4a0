#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/csv.h"
#include "libs/base/deadline.h"
#include "libs/base/partial_date.h"
#include "libs/base/periodic.h"
#include "libs/base/random.h"
#include "libs/base/redacted.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/base/uuid.h"
#include "libs/base/worker_pool.h"

namespace gatehouse::base {
namespace {

TEST(PartialDateTest, KeepsUnknownParts) {
  EXPECT_EQ(ParsePartialDate("1985")->ToString(), "1985-00-00");
  EXPECT_EQ(ParsePartialDate("1985-03")->ToString(), "1985-03-00");
  EXPECT_EQ(ParsePartialDate("1985-03-14")->ToString(), "1985-03-14");
  EXPECT_EQ(ParsePartialDate("0000-00-00")->ToString(), "");
}

TEST(PartialDateTest, RefusesWhatNoCalendarHolds) {
  for (const char* bad :
       {"", "85", "1985-13", "1985-02-30", "2023-02-29", "1985-00-12", "1985/03/14", "19x5", "1985-3-1"}) {
    EXPECT_FALSE(ParsePartialDate(bad).ok()) << bad;
  }
  EXPECT_TRUE(ParsePartialDate("2024-02-29").ok());
}

TEST(UuidTest, IsVersion7InCanonicalFormAndUnique) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewUuid(SystemClock(), SystemRandom());
    ASSERT_TRUE(IsUuid(id)) << id;
    EXPECT_EQ(id[14], '7');
    EXPECT_TRUE(seen.insert(id).second);
  }
  EXPECT_FALSE(IsUuid("not-an-id"));
  EXPECT_FALSE(IsUuid("0190163D-8694-739B-AEA5-966C26F8AD91")) << "upper case is not canonical";
}

TEST(CsvTest, ReadsQuotesAndKeepsLineNumbers) {
  CsvReader reader(
      "\xEF\xBB\xBF"
      "a,\"b,\"\"c\"\"\",\n\n\"two\nlines\",x\r\nlast");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.fields(), (std::vector<std::string>{"a", "b,\"c\"", ""}));
  EXPECT_EQ(reader.line(), 1);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.line(), 3);
  EXPECT_EQ(reader.fields()[0], "two\nlines");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.line(), 5);
  EXPECT_FALSE(reader.Next());
}

TEST(CsvTest, AGoodRowSurvivesABadNeighbour) {
  CsvReader reader("good,1\nbad\"quote,2\n\"never closed,3\ngood,4\n");
  std::vector<std::pair<int, bool>> seen;
  while (reader.Next()) seen.emplace_back(reader.line(), reader.status().ok());
  EXPECT_EQ(seen, (std::vector<std::pair<int, bool>>{{1, true}, {2, false}, {3, false}, {4, true}}));
}

TEST(StrongIdTest, ComparesByValue) {
  using CrossingId = StrongId<struct CrossingIdTag>;
  EXPECT_EQ(CrossingId("a"), CrossingId("a"));
  EXPECT_LT(CrossingId("a"), CrossingId("b"));
  static_assert(!std::is_convertible_v<std::string, CrossingId>);
}

absl::StatusOr<int> Twice(absl::StatusOr<int> in) {
  GH_ASSIGN_OR_RETURN(const int value, in);
  return 2 * value;
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(*Twice(21), 42);
  EXPECT_EQ(Twice(absl::NotFoundError("no")).status().code(), absl::StatusCode::kNotFound);
}

TEST(WorkerPoolTest, RefusesWhatItsQueueCannotHold) {
  std::promise<void> release;
  std::shared_future<void> gate = release.get_future().share();
  std::promise<void> started;
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.TrySubmit([&] {
      started.set_value();
      gate.wait();
      ++ran;
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_FALSE(pool.TrySubmit([&] { ++ran; }));
    release.set_value();
  }
  EXPECT_EQ(ran, 3) << "what was accepted is finished before the pool goes";
}

// Tasks that wait for each other end only if each gets a worker: a wake-up that is lost or saved at the wrong moment
// hangs here.
TEST(WorkerPoolTest, EveryTaskGetsAWorkerHoweverTheyBlock) {
  constexpr int kThreads = 8;
  WorkerPool pool(kThreads, kThreads);
  for (int round = 0; round < 500; ++round) {
    const auto meet = std::make_shared<std::barrier<>>(kThreads + 1);  // the last to leave deletes it
    for (int i = 0; i < kThreads; ++i) {
      while (!pool.TrySubmit([meet] { meet->arrive_and_wait(); })) std::this_thread::yield();
    }
    meet->arrive_and_wait();
  }
}

// Of a pool for what is rare there are no threads that never did anything.
TEST(WorkerPoolTest, AWorkerIsStartedWhenThereIsWorkForIt) {
  const auto threads = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  const auto before = threads();
  WorkerPool pool(32, 32);
  EXPECT_EQ(threads(), before);
  for (int i = 0; i < 100; ++i) {
    std::promise<void> done;
    ASSERT_TRUE(pool.TrySubmit([&] { done.set_value(); }));
    done.get_future().wait();
  }
  EXPECT_LE(threads(), before + 4) << "one after another is the work of one, or of a few that overlapped";
}

TEST(WorkerPoolTest, ShortTasksOfManyThreadsAllRun) {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(4, 64);
    std::vector<std::thread> submitters;
    for (int i = 0; i < 4; ++i) {
      submitters.emplace_back([&] {
        for (int task = 0; task < 5000; ++task) {
          while (!pool.TrySubmit([&] { ++ran; })) std::this_thread::yield();
        }
      });
    }
    for (std::thread& submitter : submitters) submitter.join();
  }
  EXPECT_EQ(ran, 20'000);
}

TEST(PeriodicTest, RunsWhenWokenAndNotAfterStop) {
  std::atomic<int> runs = 0;
  std::promise<void> ran;
  Periodic periodic(absl::Hours(1), absl::Seconds(1), [&] {
    if (++runs == 1) ran.set_value();
  });
  periodic.Start();
  periodic.Wake();
  ran.get_future().wait();
  periodic.Stop();
  periodic.Wake();
  EXPECT_EQ(runs, 1);
}

TEST(PeriodicTest, EachRunHasItsBound) {
  std::promise<absl::Duration> left;
  Periodic periodic(absl::Hours(1), absl::Seconds(7), [&] { left.set_value(CurrentWorkTime().Left()); });
  periodic.Start();
  periodic.Wake();
  EXPECT_LE(left.get_future().get(), absl::Seconds(7));
}

TEST(PeriodicTest, ARunThatThrowsIsFollowedByTheNext) {
  std::atomic<int> runs = 0;
  std::promise<void> second;
  ::testing::internal::CaptureStderr();
  {
    Periodic periodic(absl::Milliseconds(1), absl::Seconds(1), [&] {
      if (++runs == 3) second.set_value();
      if (runs < 3) throw std::runtime_error("ERIKSSON");
    });
    periodic.Start();
    second.get_future().wait();
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("runtime_error"), std::string::npos) << said;
  EXPECT_EQ(said.find("ERIKSSON"), std::string::npos) << said;
  EXPECT_EQ(said.find("threw"), said.rfind("threw")) << "once in a row: " << said;
}

TEST(RedactedTest, HasNoConversion) {
  static_assert(!std::is_convertible_v<Redacted<std::string>, std::string>);
  EXPECT_EQ(Redacted<std::string>("x").Reveal(), "x");
}

}  // namespace
}  // namespace gatehouse::base
