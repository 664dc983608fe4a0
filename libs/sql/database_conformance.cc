#include "libs/sql/database_conformance.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <limits>
#include <thread>

#include "libs/base/status_macros.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::sql {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

Command Insert(std::string id, int64_t number = 0) {
  return [id = std::move(id), number](Transaction& transaction) {
    return transaction.Execute("INSERT INTO thing (id, number) VALUES (?, ?)", {id, number});
  };
}

// Runs all commands at once, so that they share batches; the answers in their order.
std::vector<absl::Status> WriteTogether(Database& database, const std::vector<Command>& commands) {
  std::vector<absl::Status> answers(commands.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < commands.size(); ++i) {
    threads.emplace_back([&, i] { answers[i] = database.Write(commands[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  return answers;
}

constexpr int kLongWait_us = 200'000;  // long enough for a test's threads to meet in one batch

}  // namespace

void DatabaseConformance::SetUp() {
  GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam()));
  ASSERT_OK_AND_ASSIGN(database_, OpenStore());
  ASSERT_OK(database_->Write([](Transaction& transaction) {
    return transaction.Execute("CREATE TABLE thing (id TEXT PRIMARY KEY, number BIGINT)");
  }));
}

absl::StatusOr<std::unique_ptr<Database>> DatabaseConformance::OpenStore(int batch_wait_us) const {
  return Open({.dsn = store_->dsn(), .batch_wait_us = batch_wait_us});
}

int64_t DatabaseConformance::Count(const std::string& sql, Params params) const {
  const auto rows = database_->Query(sql, std::move(params));
  EXPECT_THAT(rows, IsOk());
  return rows.ok() ? rows->front().Int(0) : -1;
}

TEST_P(DatabaseConformance, KeepsEveryTypeAsItWas) {
  ASSERT_OK(database_->Write([](Transaction& transaction) {
    return transaction.Execute(
        "CREATE TABLE kinds (key {{SERIAL_KEY}}, i BIGINT, d DOUBLE PRECISION, t TEXT, b {{BLOB}})");
  }));
  const std::string bytes("\0\x01\xFF\0", 4);
  const std::vector<Params> originals = {
      {std::numeric_limits<int64_t>::min(), -0.5, "", Blob{""}},
      {std::numeric_limits<int64_t>::max(), 1e300, "what is '?' and \xC3\xA9\xF0\x9F\x9B\x82", Blob{bytes}},
      {std::monostate(), std::monostate(), std::monostate(), std::monostate()},
      {int64_t{0}, 1.0, "0", Blob{std::string(100'000, '\0')}},
  };
  for (const Params& original : originals) {
    ASSERT_OK(database_->Write([&](Transaction& transaction) {
      return transaction.Execute("INSERT INTO kinds (i, d, t, b) VALUES (?, ?, ?, ?)", original);
    }));
  }
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT i, d, t, b, key FROM kinds ORDER BY key"));
  ASSERT_EQ(rows.size(), originals.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].Int(4), static_cast<int64_t>(i) + 1);
    if (i == 2) {
      for (size_t column = 0; column < 4; ++column) EXPECT_TRUE(rows[i].IsNull(column));
      continue;
    }
    EXPECT_EQ(rows[i].Int(0), std::get<int64_t>(originals[i][0]));
    EXPECT_EQ(rows[i].Real(1), std::get<double>(originals[i][1]));
    EXPECT_EQ(rows[i].Text(2), std::get<std::string>(originals[i][2]));
    EXPECT_EQ(rows[i].Bytes(3), std::get<Blob>(originals[i][3]).bytes);
  }
}

TEST_P(DatabaseConformance, TakesBytesWhereTheyLie) {
  ASSERT_OK(database_->Write([](Transaction& transaction) {
    return transaction.Execute("CREATE TABLE views (key {{SERIAL_KEY}}, b {{BLOB}})");
  }));
  const std::string bytes("\0\x01\xFF\0", 4);
  ASSERT_OK(database_->Write([&](Transaction& transaction) {
    transaction.AtCommit("INSERT INTO views (b) VALUES (?)", {BlobView{bytes}});
    return transaction.Execute("INSERT INTO views (b) VALUES (?)", {BlobView{}});
  }));
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT b FROM views ORDER BY key"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].Bytes(0), "");
  EXPECT_EQ(rows[1].Bytes(0), bytes);
}

TEST_P(DatabaseConformance, ComputesIntegersAsIntegers) {
  for (int i = 1; i <= 3; ++i) ASSERT_OK(database_->Write(Insert(std::to_string(i), i * 4'000'000'000)));
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT COUNT(*), SUM(number), MAX(number), 7,"
                                                         " EXISTS(SELECT 1 FROM thing WHERE id = ?) FROM thing",
                                                         {"2"}));
  EXPECT_EQ(rows[0].Int(0), 3);
  EXPECT_EQ(rows[0].Int(1), 24'000'000'000);
  EXPECT_EQ(rows[0].Int(2), 12'000'000'000);
  EXPECT_EQ(rows[0].Int(3), 7);
  EXPECT_EQ(rows[0].Int(4), 1);
}

TEST_P(DatabaseConformance, RefusesTextThatOneEngineCouldNotStore) {
  EXPECT_THAT(database_->Write(Insert(std::string("a\0b", 3))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("parameter 1: text holds a NUL byte")));
  for (const char* bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_THAT(database_->Write(Insert(bad)), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
  }
  EXPECT_THAT(database_->Query("SELECT number FROM thing WHERE id = ?", {std::string("a\0b", 3)}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 0);
}

TEST_P(DatabaseConformance, ACommandSeesItsOwnWritesAndReadersDoNotYet) {
  int64_t inside = -1;
  ASSERT_OK(database_->Write([&](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(Insert("a", 1)(transaction));
    GH_RETURN_IF_ERROR(transaction.Execute("UPDATE thing SET number = number + 1 WHERE id = ?", {"a"}));
    GH_ASSIGN_OR_RETURN(const auto rows, transaction.Query("SELECT number FROM thing WHERE id = ?", {"a"}));
    inside = rows.front().Int(0);
    return absl::OkStatus();
  }));
  EXPECT_EQ(inside, 2);
  EXPECT_EQ(Count("SELECT number FROM thing WHERE id = ?", {"a"}), 2);
  EXPECT_THAT(database_->Write([&](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(Insert("b")(transaction));
    return absl::FailedPreconditionError("decided against it");
  }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "decided against it"));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 1);
}

TEST_P(DatabaseConformance, ACommandThatAsksTheDatabaseItselfIsTurnedAway) {
  ASSERT_OK(database_->Write([&](Transaction& transaction) {
    EXPECT_THAT(database_->Query("SELECT 1"), StatusIs(absl::StatusCode::kInternal));
    EXPECT_THAT(database_->Write(Insert("inner")), StatusIs(absl::StatusCode::kInternal));
    return Insert("outer")(transaction);
  }));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 1);
}

TEST_P(DatabaseConformance, ReturningAndOnConflictAnswerRows) {
  std::vector<int64_t> answers;
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(database_->Write([&](Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(const auto rows,
                          transaction.Query("INSERT INTO thing (id, number) VALUES (?, 1) ON CONFLICT (id) DO UPDATE"
                                            " SET number = thing.number + 1 RETURNING number",
                                            {"a"}));
      answers.push_back(rows.front().Int(0));
      return absl::OkStatus();
    }));
  }
  EXPECT_EQ(answers, (std::vector<int64_t>{1, 2}));
}

TEST_P(DatabaseConformance, AUniqueViolationIsAlreadyExistsAndTellsNoValue) {
  ASSERT_OK(database_->Write(Insert("secret-number")));
  const absl::Status status = database_->Write(Insert("secret-number"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, Not(HasSubstr("secret"))));
}

TEST_P(DatabaseConformance, AFailingCommandLeavesItsNeighboursAlone) {
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, OpenStore(kLongWait_us));
  std::vector<Command> commands;
  for (int i = 0; i < 20; ++i) commands.push_back(Insert("good" + std::to_string(i)));
  commands.push_back(Insert("twice"));
  commands.push_back(Insert("twice"));
  commands.push_back([](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(Insert("undone")(transaction));
    return absl::AbortedError("no");
  });
  commands.push_back([](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(Insert("thrown")(transaction));
    throw std::runtime_error("secret");
  });
  commands.push_back([](Transaction& transaction) {
    (void)transaction.Execute("INSERT INTO no_such_table (id) VALUES (1)");
    return absl::OkStatus();  // swallowed, and yet
  });
  const auto answers = WriteTogether(*database_, commands);
  for (size_t i = 0; i < 20; ++i) EXPECT_THAT(answers[i], IsOk());
  EXPECT_EQ(answers[20].ok() + answers[21].ok(), 1);
  EXPECT_THAT(answers[20].ok() ? answers[21] : answers[20], StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(answers[22], StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(answers[23], StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))));
  EXPECT_THAT(answers[24], StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 21);
}

TEST_P(DatabaseConformance, SixtyFourWritersLoseNothing) {
  constexpr int kThreads = 64;
  constexpr int kEach = 20;
  ASSERT_OK(database_->Write(Insert("counter", 0)));
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string id = std::to_string(t) + "." + std::to_string(i);
        const absl::Status status = database_->Write([&](Transaction& transaction) -> absl::Status {
          GH_RETURN_IF_ERROR(Insert(id)(transaction));
          return transaction.Execute("UPDATE thing SET number = number + 1 WHERE id = ?", {"counter"});
        });
        if (!status.ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), kThreads * kEach + 1);
  EXPECT_EQ(Count("SELECT number FROM thing WHERE id = ?", {"counter"}), kThreads * kEach);
}

// While writers append, a reader that follows by position meets every row: none appears behind its cursor.
TEST_P(DatabaseConformance, AtCommitNumbersInCommitOrder) {
  ASSERT_OK(database_->Write([](Transaction& transaction) {
    return transaction.Execute("CREATE TABLE log (position {{SERIAL_KEY}}, id TEXT NOT NULL)");
  }));
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  // On PostgreSQL replicas share the store: a second Database writes too.
  std::unique_ptr<Database> replica;
  if (GetParam() == testing::StoreKind::kPostgresql) {
    ASSERT_OK_AND_ASSIGN(replica, OpenStore());
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Database& mine = replica != nullptr && t % 2 == 0 ? *replica : *database_;
      for (int i = 0; i < kEach; ++i) {
        const std::string id = std::to_string(t) + "." + std::to_string(i);
        EXPECT_THAT(mine.Write([&](Transaction& transaction) {
          transaction.AtCommit("INSERT INTO log (id) VALUES (?)", {id});
          return Insert(id)(transaction);
        }),
                    IsOk());
      }
    });
  }
  int64_t cursor = 0;
  int seen = 0;
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (seen < kThreads * kEach && absl::Now() < deadline) {
    const auto rows = database_->Query("SELECT position FROM log WHERE position > ? ORDER BY position", {cursor});
    ASSERT_THAT(rows, IsOk());
    for (const Row& row : *rows) {
      cursor = row.Int(0);
      ++seen;
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, kThreads * kEach);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM log"), kThreads * kEach);
}

TEST_P(DatabaseConformance, AnErrorAtCommitFailsItsCommandAlone) {
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, OpenStore(kLongWait_us));
  ASSERT_OK(database_->Write(Insert("taken")));
  std::vector<Command> commands;
  for (int i = 0; i < 5; ++i) {
    commands.push_back([i](Transaction& transaction) {
      transaction.AtCommit("INSERT INTO thing (id) VALUES (?)", {i == 2 ? "taken" : "late" + std::to_string(i)});
      return Insert("early" + std::to_string(i))(transaction);
    });
  }
  const auto answers = WriteTogether(*database_, commands);
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].ok(), i != 2) << answers[i];
  EXPECT_THAT(answers[2], StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 9);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing WHERE id = ?", {"early2"}), 0);
}

TEST_P(DatabaseConformance, CopyInIsAllOrNothing) {
  std::vector<Params> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back({"bulk\t\\\n" + std::to_string(i), int64_t{i}});
  rows.push_back({"null", std::monostate()});
  ASSERT_OK(database_->Write(Insert("old")));
  const Command clear = [](Transaction& transaction) { return transaction.Execute("DELETE FROM thing"); };
  ASSERT_OK(database_->CopyIn("thing", {"id", "number"}, rows, clear));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 3001);
  EXPECT_EQ(Count("SELECT number FROM thing WHERE id = ?", {"bulk\t\\\n2999"}), 2999);

  rows[2000][0] = "bulk\t\\\n1";
  EXPECT_THAT(database_->CopyIn("thing", {"id", "number"}, rows, clear), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 3001);

  rows = {{"after", int64_t{1}}};
  EXPECT_THAT(database_->CopyIn("thing", {"id", "number"}, rows, nullptr,
                                [](Transaction&) { return absl::AbortedError("changed my mind"); }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 3001);
  EXPECT_THAT(database_->Write(Insert("still writable")), IsOk());
}

TEST_P(DatabaseConformance, ReadConnectionsCannotWrite) {
  EXPECT_THAT(database_->Query("INSERT INTO thing (id) VALUES ('x')"), Not(IsOk()));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 0);
}

TEST_P(DatabaseConformance, OneLeads) {
  ASSERT_OK_AND_ASSIGN(auto first, database_->TryLead("relay"));
  EXPECT_TRUE(first->Held());
  EXPECT_THAT(database_->TryLead("relay"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database_->TryLead("another"), IsOk());
  first.reset();
  // PostgreSQL notices a closed session a moment later.
  absl::Status again = absl::UnavailableError("");
  for (int i = 0; i < 100 && !again.ok(); ++i) {
    again = database_->TryLead("relay").status();
    if (!again.ok()) absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_THAT(again, IsOk());
}

TEST_P(DatabaseConformance, WhatWasAcknowledgedIsThereAfterReopening) {
  ASSERT_OK(database_->Write(Insert("kept")));
  database_.reset();
  ASSERT_OK_AND_ASSIGN(database_, OpenStore());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM thing"), 1);
}

namespace {

// Writes with many threads for ever and says each acknowledged id on `out`.
[[noreturn]] void WriteUntilKilled(Database& database, int out) {
  std::vector<std::thread> threads;
  for (int32_t t = 0; t < 16; ++t) {
    threads.emplace_back([&database, out, t] {
      for (int32_t i = 0;; ++i) {
        const int64_t number = int64_t{t} << 32 | i;
        if (!database.Write(Insert(std::to_string(number), number)).ok()) _exit(3);
        if (write(out, &number, sizeof(number)) != sizeof(number)) _exit(4);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(5);
}

std::vector<int64_t> ReadAll(int in) {
  std::vector<int64_t> numbers;
  int64_t number = 0;
  while (read(in, &number, sizeof(number)) == sizeof(number)) numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_P(DatabaseConformance, AKilledWriterLosesNothingItAcknowledged) {
  database_.reset();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto database = OpenStore();
    if (!database.ok()) _exit(2);
    WriteUntilKilled(**database, ends[1]);
  }
  close(ends[1]);
  auto reading = std::async(std::launch::async, ReadAll, ends[0]);
  absl::SleepFor(absl::Milliseconds(700));
  kill(child, SIGKILL);
  int how = 0;
  waitpid(child, &how, 0);
  ASSERT_TRUE(WIFSIGNALED(how)) << "the writer ended by itself with " << WEXITSTATUS(how);
  const std::vector<int64_t> acknowledged = reading.get();
  close(ends[0]);
  ASSERT_GT(acknowledged.size(), 0u);

  ASSERT_OK_AND_ASSIGN(database_, OpenStore());
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT number FROM thing"));
  std::vector<int64_t> stored;
  for (const Row& row : rows) stored.push_back(row.Int(0));
  std::sort(stored.begin(), stored.end());
  for (const int64_t number : acknowledged) {
    EXPECT_TRUE(std::binary_search(stored.begin(), stored.end(), number)) << number;
  }
  // At most one command a thread was under way without its acknowledgement read.
  EXPECT_LE(stored.size(), acknowledged.size() + 16);
}

}  // namespace gatehouse::sql
