// What sql.h promises about time (every wait ends), on both engines.
#include <atomic>
#include <future>
#include <thread>

#include "absl/time/clock.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/sql/database_conformance.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::sql {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::AnyOf;

namespace {

// Far longer than any test's time, and still an end.
constexpr char kLongQuery[] =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) SELECT COUNT(*) FROM n";
// Beyond each time that is given here, below each that would be a hang.
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr int kGather_us = 300'000;

Command Insert(std::string id) {
  return [id = std::move(id)](Transaction& transaction) {
    return transaction.Execute("INSERT INTO thing (id) VALUES (?)", {id});
  };
}

template <typename Body>
auto Within(absl::Duration time, Body body) {
  const base::WorkTimeScope scope(base::WorkTime::In(time));
  return body();
}

// Holds the writer from its first command until released.
class HeldWriter {
 public:
  explicit HeldWriter(Database& database)
      : answer_(std::async(std::launch::async, [this, &database] {
          return database.Write([this](Transaction&) {
            entered_.set_value();
            released_.get_future().wait();
            return absl::OkStatus();
          });
        })) {
    entered_.get_future().wait();
  }
  absl::Status Release() {
    released_.set_value();
    return answer_.get();
  }

 private:
  std::promise<void> entered_;
  std::promise<void> released_;
  std::future<absl::Status> answer_;
};

}  // namespace

TEST_P(DatabaseConformance, AQueryEndsWithTheTimeOfItsThread) {
  const absl::Time start = absl::Now();
  EXPECT_THAT(Within(absl::Milliseconds(300), [&] { return database_->Query(kLongQuery); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, kPatience);
  EXPECT_THAT(Within(absl::ZeroDuration(), [&] { return database_->Query("SELECT 1"); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 0);
}

TEST_P(DatabaseConformance, ACancelledQueryStops) {
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto answer = std::async(std::launch::async, [&] {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Minutes(5), cancelled));
    return database_->Query(kLongQuery).status();
  });
  absl::SleepFor(absl::Milliseconds(200));
  const absl::Time start = absl::Now();
  *cancelled = true;
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - start, kPatience);
}

TEST_P(DatabaseConformance, AReaderWaitsForAConnectionAtMostItsTime) {
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, Open({.dsn = store_->dsn(), .read_connections = 1}));
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto busy = std::async(std::launch::async, [&] {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Minutes(5), cancelled));
    return database_->Query(kLongQuery).status();
  });
  absl::SleepFor(absl::Milliseconds(200));
  const absl::Time start = absl::Now();
  EXPECT_THAT(Within(absl::Milliseconds(200), [&] { return database_->Query("SELECT 1"); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, kPatience);
  EXPECT_OK(database_->Ping()) << "health has a connection of its own";
  *cancelled = true;
  EXPECT_THAT(busy.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_OK(database_->Query("SELECT 1"));
}

TEST_P(DatabaseConformance, AQueuedWriteIsTakenOutWhenItsTimeIsOver) {
  HeldWriter held(*database_);
  std::atomic<bool> ran = false;
  EXPECT_THAT(Within(absl::Milliseconds(200),
                     [&] {
                       return database_->Write([&](Transaction& transaction) {
                         ran = true;
                         return Insert("late")(transaction);
                       });
                     }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  const absl::Time start = absl::Now();
  EXPECT_OK(database_->Ping());
  EXPECT_LT(absl::Now() - start, kPatience) << "health does not queue behind the writer";
  EXPECT_OK(held.Release());
  EXPECT_OK(database_->Write(Insert("next")));
  EXPECT_FALSE(ran);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 1);
}

// It has run, its batch has not ended: nobody can say more than that.
TEST_P(DatabaseConformance, AWriteWhoseBatchOutlastsItsTimeIsUnknown) {
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, OpenStore(kGather_us));
  // The first batch gathers both: the writer is idle, and waits for company.
  auto first = std::async(std::launch::async, [&] {
    return Within(absl::Milliseconds(900), [&] { return database_->Write(Insert("a")); });
  });
  absl::SleepFor(absl::Milliseconds(100));
  HeldWriter held(*database_);
  EXPECT_THAT(first.get(), StatusIs(absl::StatusCode::kUnknown));
  EXPECT_OK(held.Release());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing WHERE id = 'a'"), 1) << "it was written, this time";
}

TEST_P(DatabaseConformance, AStatementOfACommandEndsWithItsCallersTimeAndItsNeighboursAreWritten) {
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, OpenStore(kGather_us));
  std::vector<std::future<absl::Status>> neighbours;
  for (int i = 0; i < 5; ++i) {
    neighbours.push_back(
        std::async(std::launch::async, [&, i] { return database_->Write(Insert("good" + std::to_string(i))); }));
  }
  const absl::Time start = absl::Now();
  EXPECT_THAT(Within(absl::Milliseconds(800),
                     [&] {
                       return database_->Write([](Transaction& transaction) -> absl::Status {
                         GH_RETURN_IF_ERROR(Insert("slow")(transaction));
                         return transaction.Query(kLongQuery).status();
                       });
                     }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  for (auto& neighbour : neighbours) EXPECT_OK(neighbour.get());
  EXPECT_LT(absl::Now() - start, 2 * kPatience);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 5);
}

TEST_P(DatabaseConformance, ClosingAnswersWhatIsQueued) {
  HeldWriter held(*database_);
  auto queued = std::async(std::launch::async, [&] { return database_->Write(Insert("queued")); });
  absl::SleepFor(absl::Milliseconds(100));
  auto closing = std::async(std::launch::async, [&] { database_.reset(); });
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_OK(held.Release()) << "what ran is committed";
  EXPECT_THAT(queued.get(), StatusIs(absl::StatusCode::kUnavailable));
  closing.get();
}

}  // namespace gatehouse::sql
