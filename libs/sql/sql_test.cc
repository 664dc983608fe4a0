#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "libs/sql/database_conformance.h"
#include "libs/sql/dialect.h"
#include "libs/sql/sql.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/temporary_postgresql.h"

namespace gatehouse::sql {

INSTANTIATE_TEST_SUITE_P(Stores, DatabaseConformance, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);
INSTANTIATE_TEST_SUITE_P(Stores, MigrationConformance, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);

namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

TEST(DialectTest, NumbersParametersOutsideLiteralsAndComments) {
  EXPECT_EQ(Render(Dialect::kPostgresql, "SELECT '?', \"a?\", 'it''s ?' -- why?\n WHERE a = ? AND b = ?"),
            "SELECT '?', \"a?\", 'it''s ?' -- why?\n WHERE a = $1 AND b = $2");
  EXPECT_EQ(Render(Dialect::kSqlite, "a = ? AND '{{BLOB}}'"), "a = ? AND '{{BLOB}}'");
  EXPECT_EQ(Render(Dialect::kPostgresql, "never 'closed ?"), "never 'closed ?");
}

TEST(DialectTest, ReplacesTheWords) {
  EXPECT_EQ(Render(Dialect::kSqlite, "(k {{SERIAL_KEY}}, b {{BLOB}})"),
            "(k INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB)");
  EXPECT_EQ(Render(Dialect::kPostgresql, "(b {{BLOB}})"), "(b BYTEA)");
}

TEST(DialectTest, SplitsAtSemicolonsAtLineEnds) {
  EXPECT_EQ(SplitStatements("A 'x;y'\n  b;  \n-- c;\n\n;\nD"), (std::vector<std::string>{"A 'x;y'\nb", "D\n"}));
  EXPECT_TRUE(SplitStatements(" \n-- nothing\n").empty());
}

TEST(SqliteTest, RefusesASecondProcessAndSaysWhatToDo) {
  const testing::TemporaryFolder folder;
  const Options options = {.dsn = "sqlite:" + folder.File("a.db")};
  ASSERT_OK_AND_ASSIGN(auto database, Open(options));
  EXPECT_THAT(Open(options), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stop that one")));
  database.reset();
  EXPECT_THAT(Open(options), IsOk());
}

// A link from PATH.lock, or from the store itself, to the master key had cost the key.
TEST(SqliteTest, WritesThroughNoLink) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"a.db.lock", "a.db"}) {
    std::ofstream(folder.File("seal.key")) << "a key";
    std::filesystem::create_symlink(folder.File("seal.key"), folder.File(name));
    EXPECT_THAT(Open({.dsn = "sqlite:" + folder.File("a.db")}),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(name) + " is a link")));
    std::ifstream key(folder.File("seal.key"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(key), {}), "a key") << name;
    std::filesystem::remove(folder.File(name));
  }
}

TEST(SqliteTest, AFolderMayLieUnderALink) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder.File("real"));
  std::filesystem::create_directory_symlink(folder.File("real"), folder.File("link"));
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = "sqlite:" + folder.File("link/a.db")}));
  ASSERT_OK(
      database->Write([](Transaction& transaction) { return transaction.Execute("CREATE TABLE t (id BIGINT)"); }));
  EXPECT_THAT(database->Query("SELECT id FROM t"), IsOk());
  EXPECT_TRUE(std::filesystem::exists(folder.File("real/a.db")));
}

TEST(SqliteTest, OnlyTheOwnerMayReadTheFiles) {
  const testing::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = "sqlite:" + folder.File("a.db")}));
  ASSERT_OK(
      database->Write([](Transaction& transaction) { return transaction.Execute("CREATE TABLE t (id BIGINT)"); }));
  for (const char* name : {"a.db", "a.db-wal", "a.db-shm", "a.db.lock"}) {
    const auto mode = std::filesystem::status(folder.File(name)).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << name;
  }
}

TEST(SqliteTest, SyncsEveryCommitInWalMode) {
  const testing::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = "sqlite:" + folder.File("a.db")}));
  ASSERT_OK(database->Write([](Transaction& transaction) -> absl::Status {
    EXPECT_EQ(transaction.Query("PRAGMA journal_mode")->front().Text(0), "wal");
    EXPECT_EQ(transaction.Query("PRAGMA page_size")->front().Int(0), 8192);
    EXPECT_EQ(transaction.Query("PRAGMA synchronous")->front().Int(0), 2);
    EXPECT_EQ(transaction.Query("PRAGMA foreign_keys")->front().Int(0), 1);
    return absl::OkStatus();
  }));
}

TEST(SqliteTest, TheMemoryStoreIsSharedByReadersAndSeparateFromOthers) {
  ASSERT_OK_AND_ASSIGN(auto one, Open({.dsn = "sqlite::memory:"}));
  ASSERT_OK_AND_ASSIGN(auto other, Open({.dsn = "sqlite::memory:"}));
  ASSERT_OK(one->Write([](Transaction& transaction) { return transaction.Execute("CREATE TABLE t (id BIGINT)"); }));
  EXPECT_THAT(one->Query("SELECT id FROM t"), IsOk());
  EXPECT_THAT(other->Query("SELECT id FROM t"), StatusIs(absl::StatusCode::kInternal));
}

TEST(SqliteTest, AFolderThatIsNotThereIsUnavailable) {
  const testing::TemporaryFolder folder;
  EXPECT_THAT(Open({.dsn = "sqlite:" + folder.File("none/a.db")}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Open({.dsn = "sqlite:"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Open({.dsn = ""}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SqliteTest, ADamagedFileIsDataLoss) {
  const testing::TemporaryFolder folder;
  FILE* file = fopen(folder.File("a.db").c_str(), "w");
  fputs(std::string(4096, 'x').c_str(), file);
  fclose(file);
  EXPECT_THAT(Open({.dsn = "sqlite:" + folder.File("a.db")}), StatusIs(absl::StatusCode::kDataLoss));
}

// A server of this test's own, so that it can crash.
TEST(PostgresqlTest, ACrashedServerIsUnavailableAndComesBackWithWhatItAcknowledged) {
  std::unique_ptr<testing::TemporaryPostgresql> server;
  GH_REQUIRE_SERVER(server, testing::TemporaryPostgresql::Start());
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = server->dsn()}));
  const Command insert = [](Transaction& transaction) { return transaction.Execute("INSERT INTO t (id) VALUES (1)"); };
  ASSERT_OK(
      database->Write([](Transaction& transaction) { return transaction.Execute("CREATE TABLE t (id BIGINT)"); }));
  ASSERT_OK(database->Write(insert));
  ASSERT_OK_AND_ASSIGN(const auto lease, database->TryLead("relay"));
  EXPECT_TRUE(lease->Held());

  server->process().Stop(SIGQUIT, absl::Seconds(20));  // no shutdown checkpoint: recovery from the log
  EXPECT_THAT(database->Write(insert), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database->Write(insert), StatusIs(absl::StatusCode::kUnavailable)) << "again, at once";
  EXPECT_THAT(database->Query("SELECT COUNT(*) FROM t"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database->Ping(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database->TryLead("another"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(lease->Held());

  ASSERT_OK(server->Restart());
  absl::Status written = absl::UnavailableError("");
  for (int i = 0; i < 200 && !written.ok(); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
    written = database->Write(insert);
  }
  ASSERT_OK(written);
  EXPECT_FALSE(lease->Held()) << "a lease once lost stays lost";
  absl::Status ready = absl::UnavailableError("");
  for (int i = 0; i < 200 && !ready.ok(); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
    ready = database->Ping();
  }
  ASSERT_OK_AND_ASSIGN(const auto rows, database->Query("SELECT COUNT(*) FROM t"));
  EXPECT_EQ(rows.front().Int(0), 2);
}

TEST(PostgresqlTest, AServerThatIsNotThereIsUnavailableAtOnce) {
  const absl::Time start = absl::Now();
  EXPECT_THAT(Open({.dsn = "host=127.0.0.1 port=1 user=nobody dbname=nothing"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("postgresql: ")));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST(RowTest, ReadingAnotherTypeThrowsAndNoSuchColumnIsOurBug) {
  const Row row({int64_t{1}, std::monostate(), "id"});
  EXPECT_EQ(row.Int(0), 1);
  EXPECT_THROW((void)row.Text(0), DamagedCell);
  EXPECT_THROW((void)row.Int(1), DamagedCell);
  EXPECT_THROW((void)row.Bytes(2), DamagedCell);
  EXPECT_EQ(row.TextOr(2, "?"), "id");
  EXPECT_EQ(row.TextOr(0, "?"), "?");
  EXPECT_DEATH((void)row.Int(3), "check failed");
}

}  // namespace
}  // namespace gatehouse::sql
