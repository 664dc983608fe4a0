// The disk under a store fills and empties again: refused cleanly, nothing acknowledged lost, goes on by itself.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "libs/base/status_macros.h"
#include "libs/sql/migrate.h"
#include "libs/sql/sql.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::sql {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;

// No file of this process grows beyond `bytes` until destroyed: to a store the same as a full disk or a quota.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, Open({.dsn = "sqlite:" + folder_.File("a.db"), .batch_wait_us = 50'000}));
    const Migration kTables = {.version = 1,
                               .min_reader = 1,
                               .name = "t",
                               .sql = "CREATE TABLE t (id BIGINT PRIMARY KEY, load {{BLOB}} NOT NULL);\n"};
    ASSERT_OK(Migrate(*database_, std::vector{kTables}));
  }
  absl::Status Insert(int64_t id, size_t bytes = 20'000) {
    return database_->Write([&](Transaction& transaction) {
      return transaction.Execute("INSERT INTO t (id, load) VALUES (?, ?)", {id, Blob{std::string(bytes, 'x')}});
    });
  }
  int64_t Rows() {
    const auto rows = database_->Query("SELECT COUNT(*) FROM t");
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? rows->front().Int(0) : -1;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(FullDiskTest, IsRefusedCleanlyAndGoesOnWhenThereIsRoom) {
  int64_t stored = 0;
  ASSERT_OK(Insert(stored++));
  {
    const FullDisk full(400'000);
    absl::Status status;
    while (stored < 100) {
      status = Insert(stored);
      if (!status.ok()) break;
      ++stored;
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_EQ(Rows(), stored) << "what was acknowledged is there, and no half of the rest";
    // Together with others: each has the same reason, none "no such savepoint".
    std::vector<std::thread> threads;
    for (int64_t i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] { EXPECT_THAT(Insert(1000 + i), StatusIs(absl::StatusCode::kResourceExhausted)); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(database_->Ping(), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  EXPECT_OK(Insert(stored++));
  EXPECT_EQ(Rows(), stored);
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, Open({.dsn = "sqlite:" + folder_.File("a.db")}));
  EXPECT_EQ(Rows(), stored);
}

// Nobody writes any more, since the process says that it cannot: it must find out by itself that it can.
TEST_F(FullDiskTest, HealthTriesAWriteOfItsOwn) {
  {
    const FullDisk full(1'000);
    EXPECT_THAT(Insert(1), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(database_->Ping(), StatusIs(absl::StatusCode::kResourceExhausted));
    absl::SleepFor(absl::Seconds(7));
    EXPECT_THAT(database_->Ping(), StatusIs(absl::StatusCode::kResourceExhausted)) << "still";
  }
  absl::Status health = absl::UnknownError("");
  for (int i = 0; i < 300 && !health.ok(); ++i) {
    health = database_->Ping();
    absl::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_OK(health);
}

TEST_F(FullDiskTest, TheLogIsGivenBackWhatItGrewBeyondItsShare) {
  constexpr uintmax_t kKept_bytes = 16 * 1024 * 1024;
  const auto log_bytes = [&] { return std::filesystem::file_size(folder_.File("a.db-wal")); };
  ASSERT_OK(Insert(1, 3 * kKept_bytes));
  EXPECT_GT(log_bytes(), kKept_bytes);
  // Copied into the file after the commit; begun anew, and cut, by the next ones.
  ASSERT_OK(Insert(2, 10));
  ASSERT_OK(Insert(3, 10));
  EXPECT_LE(log_bytes(), kKept_bytes);
}

}  // namespace
}  // namespace gatehouse::sql
