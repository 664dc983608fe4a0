// One cell of a store is not what its column declares (sql.h, Damaged rows): the row is refused by name, the rest is
// there, and the process lives. SQLite only: PostgreSQL cannot hold such a cell.
#include <gtest/gtest.h>

#include <memory>

#include "libs/base/status_macros.h"
#include "libs/sql/sql.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::sql {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DamagedRowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, Open({.dsn = "sqlite:" + folder_.File("a.db")}));
    ASSERT_OK(
        Run("CREATE TABLE paper (id TEXT PRIMARY KEY, time_us BIGINT NOT NULL, sealed {{BLOB}} NOT NULL,"
            " note TEXT, weight DOUBLE PRECISION)"));
    ASSERT_OK(Run("CREATE TABLE stamp (paper TEXT NOT NULL, place TEXT NOT NULL)"));
    for (const char* id : {"a", "b", "c"}) {
      ASSERT_OK(Run("INSERT INTO paper (id, time_us, sealed, note, weight) VALUES (?, 7, ?, 'secret', 1.5)",
                    {id, Blob{"\1\2"}}));
    }
    ASSERT_OK(Run("INSERT INTO stamp (paper, place) VALUES ('a', 'x')"));
  }

  absl::Status Run(const std::string& sql, const Params& params = {}) {
    return database_->Write([&](Transaction& transaction) { return transaction.Execute(sql, params); });
  }

  // All of paper; the ids of the rows that are not damaged.
  std::string Good() {
    const auto rows = database_->List("SELECT id, time_us, sealed, note, weight FROM paper ORDER BY rowid");
    EXPECT_THAT(rows, IsOk());
    if (!rows.ok()) return "";
    std::string ids;
    for (const Row& row : *rows) {
      if (!row.damage().ok()) continue;
      ids += row.Text(0);
      EXPECT_EQ(row.Int(1), 7);
      EXPECT_EQ(row.Bytes(2), "\1\2");
      EXPECT_EQ(row.Real(4), 1.5);
    }
    return ids;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(DamagedRowTest, IsNamedAndTheRestIsThere) {
  const struct {
    const char* damage;
    const char* where;
  } kCases[] = {
      {"sealed = CAST(sealed AS TEXT)", "paper.sealed holds text where bytes belongs"},
      {"time_us = 'secret'", "paper.time_us holds text where a number belongs"},
      {"time_us = 7.5", "paper.time_us holds a fraction where a number belongs"},
      {"note = CAST(note AS BLOB)", "paper.note holds bytes where text belongs"},
      {"note = CAST(x'FF' AS TEXT)", "paper.note holds text that nobody can have stored"},
      {"weight = 'secret'", "paper.weight holds text where a fraction belongs"},
      {"id = CAST('b' AS BLOB)", "paper.id holds bytes where text belongs"},
      {"id = NULL", "paper.id holds nothing where text belongs"},
  };
  for (const auto& each : kCases) {
    ASSERT_OK(Run("DELETE FROM paper WHERE rowid = 2"));
    ASSERT_OK(Run("INSERT INTO paper (rowid, id, time_us, sealed, note, weight) VALUES (2, 'b', 7, ?, 'secret', 1.5)",
                  {Blob{"\1\2"}}));
    EXPECT_EQ(Good(), "abc");
    ASSERT_OK(Run(std::string("UPDATE paper SET ") + each.damage + " WHERE rowid = 2"));
    EXPECT_EQ(Good(), "ac") << each.damage;
    const auto refused = StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr(each.where), Not(HasSubstr("secret"))));
    EXPECT_THAT(database_->Query("SELECT * FROM paper"), refused) << each.damage;
    EXPECT_THAT(database_->Query("SELECT * FROM paper WHERE id = 'a'"), IsOk());
    // A command that asks is failed by it, also when it does not look.
    EXPECT_THAT(database_->Write([](Transaction& transaction) -> absl::Status {
      (void)transaction.Query("SELECT * FROM paper");
      return absl::OkStatus();
    }),
                refused);
  }
}

TEST_F(DamagedRowTest, CanStillBeNamed) {
  ASSERT_OK(Run("UPDATE paper SET time_us = 'x' WHERE id = 'b'"));
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->List("SELECT id, time_us FROM paper WHERE rowid = 2"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].damage().ok());
  EXPECT_EQ(rows[0].TextOr(0, "unknown"), "b");
}

TEST_F(DamagedRowTest, NothingWhereAJoinOrASubqueryFoundNothingIsNoDamage) {
  ASSERT_OK_AND_ASSIGN(const auto joined, database_->Query("SELECT paper.id, stamp.place FROM paper"
                                                           " LEFT JOIN stamp ON stamp.paper = paper.id ORDER BY id"));
  ASSERT_EQ(joined.size(), 3u);
  EXPECT_EQ(joined[0].Text(1), "x");
  EXPECT_TRUE(joined[1].IsNull(1));
  ASSERT_OK_AND_ASSIGN(
      const auto nested,
      database_->Query("SELECT id, (SELECT place FROM stamp WHERE paper = paper.id) FROM paper ORDER BY id"));
  EXPECT_EQ(nested.size(), 3u);
}

// What an expression answers declares no type; a command that trips over it fails, the writer goes on.
TEST_F(DamagedRowTest, ThatReachesACommandThroughAnExpressionFailsTheCommandAlone) {
  ASSERT_OK(Run("UPDATE paper SET time_us = 'x' WHERE id = 'b'"));
  EXPECT_THAT(database_->Write([](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(transaction.Execute("DELETE FROM stamp"));
    GH_ASSIGN_OR_RETURN(const auto rows, transaction.Query("SELECT MAX(time_us) FROM paper"));
    (void)rows.front().Int(0);
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT COUNT(*) FROM stamp"));
  EXPECT_EQ(rows.front().Int(0), 1);
}

}  // namespace
}  // namespace gatehouse::sql
