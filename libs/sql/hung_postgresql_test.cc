// A PostgreSQL that takes connections and statements and does not answer: a lock held by another session, a stopped
// server, a session ended in COMMIT. Every call ends, health says so, and all goes on by itself.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/sql/migrate.h"
#include "libs/sql/sql.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_postgresql.h"
#include "libs/testing/test_store.h"

namespace gatehouse::sql {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr absl::Duration kShort = absl::Milliseconds(500);
// A call with kShort ends long before this, a hanging one never.
constexpr absl::Duration kPatience = absl::Seconds(20);

const Migration kTables = {
    .version = 1, .min_reader = 1, .name = "thing", .sql = "CREATE TABLE thing (id TEXT PRIMARY KEY);\n"};

Command Insert(std::string id) {
  return [id = std::move(id)](Transaction& transaction) {
    return transaction.Execute("INSERT INTO thing (id) VALUES (?)", {id});
  };
}

template <typename Body>
absl::Status Within(absl::Duration time, Body body) {
  const base::WorkTimeScope scope(base::WorkTime::In(time));
  const absl::Time start = absl::Now();
  const absl::Status status = body();
  EXPECT_LT(absl::Now() - start, kPatience);
  return status;
}

// Until `condition` is OK, for a minute.
absl::Status Eventually(const std::function<absl::Status()>& condition) {
  absl::Status status = condition();
  for (int i = 0; i < 600 && !status.ok(); ++i) {
    absl::SleepFor(absl::Milliseconds(100));
    status = condition();
  }
  return status;
}

TEST(HungPostgresqlTest, ALockHeldByAnotherSession) {
  std::unique_ptr<testing::TestStore> store;
  GH_REQUIRE_SERVER(store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = store->dsn()}));
  ASSERT_OK(Migrate(*database, std::vector{kTables}));
  ASSERT_OK(database->Write(Insert("kept")));
  ASSERT_OK_AND_ASSIGN(auto other, Open({.dsn = store->dsn()}));
  std::promise<void> locked;
  std::promise<void> release;
  auto holder = std::async(std::launch::async, [&] {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Minutes(2)));
    return other->Write([&](Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(transaction.Query("SELECT COUNT(*) FROM thing").status());
      GH_RETURN_IF_ERROR(transaction.Execute("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE"));
      GH_RETURN_IF_ERROR(transaction.Query("SELECT 1").status());
      locked.set_value();
      release.get_future().wait();
      return absl::OkStatus();
    });
  });
  locked.get_future().wait();

  EXPECT_THAT(Within(kShort, [&] { return database->Query("SELECT id FROM thing").status(); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(Within(kShort,
                     [&] {
                       return database->Write([](Transaction& transaction) {
                         return transaction.Query("INSERT INTO thing (id) VALUES ('a') RETURNING id").status();
                       });
                     }),
              StatusIs(absl::StatusCode::kDeadlineExceeded))
      << "its statement was running: nothing was written";
  // What is only sent may be done later, as far as its caller can know.
  EXPECT_THAT(Within(kShort, [&] { return database->Write(Insert("b")); }),
              AnyOf(StatusIs(absl::StatusCode::kUnknown), StatusIs(absl::StatusCode::kDeadlineExceeded)));
  // With time, the lock is given up for by the server and nothing was written.
  EXPECT_THAT(Within(absl::Seconds(60), [&] { return database->Write(Insert("c")); }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Within(kPatience, [&] { return database->Ping(); }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("writing has failed for")));

  release.set_value();
  EXPECT_OK(holder.get());
  EXPECT_OK(Eventually([&] { return database->Write(Insert("after")); }));
  EXPECT_OK(Eventually([&] { return database->Ping(); }));
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       database->Query("SELECT id FROM thing WHERE id IN ('a', 'c', 'kept', 'after')"));
  EXPECT_EQ(rows.size(), 2u);
}

// A server of its own, all of whose processes can be stopped.
class StoppedServer {
 public:
  explicit StoppedServer(pid_t server) {
    pids_.push_back(server);
    std::ifstream children(absl::StrCat("/proc/", server, "/task/", server, "/children"));
    for (pid_t child = 0; children >> child;) pids_.push_back(child);
    for (const pid_t pid : pids_) kill(pid, SIGSTOP);
  }
  ~StoppedServer() {
    for (const pid_t pid : pids_) kill(pid, SIGCONT);
  }
  size_t size() const { return pids_.size(); }

 private:
  std::vector<pid_t> pids_;
};

TEST(HungPostgresqlTest, AStoppedServer) {
  std::unique_ptr<testing::TemporaryPostgresql> server;
  GH_REQUIRE_SERVER(server, testing::TemporaryPostgresql::Start());
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = server->dsn()}));
  ASSERT_OK(Migrate(*database, std::vector{kTables}));
  ASSERT_OK(database->Write(Insert("kept")));
  ASSERT_OK_AND_ASSIGN(const auto lease, database->TryLead("relay"));
  {
    const StoppedServer stopped(server->process().pid());
    ASSERT_GT(stopped.size(), 2u);
    EXPECT_THAT(Within(kShort, [&] { return database->Query("SELECT id FROM thing").status(); }),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_THAT(Within(kShort, [&] { return database->Write(Insert("a")); }), StatusIs(absl::StatusCode::kUnknown));
    EXPECT_THAT(Within(kShort, [&] { return database->Write(Insert("b")); }),
                StatusIs(absl::StatusCode::kDeadlineExceeded))
        << "it waited behind the first";
    const absl::Time start = absl::Now();
    EXPECT_THAT(database->Ping(), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_FALSE(lease->Held());
    // A thread without a bound has one all the same, and a new connection too.
    EXPECT_FALSE(database->Write(Insert("c")).ok());
    EXPECT_LT(absl::Now() - start, 4 * kDefaultTime);
  }
  EXPECT_OK(Eventually([&] { return database->Write(Insert("after")); }));
  EXPECT_OK(Eventually([&] { return database->Ping(); }));
  ASSERT_OK_AND_ASSIGN(const auto rows, database->Query("SELECT id FROM thing WHERE id IN ('kept', 'after')"));
  EXPECT_EQ(rows.size(), 2u);
}

TEST(HungPostgresqlTest, AConnectionLostInCommitIsUnknownAndNothingRunsAgain) {
  std::unique_ptr<testing::TestStore> store;
  GH_REQUIRE_SERVER(store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  ASSERT_OK_AND_ASSIGN(auto database, Open({.dsn = store->dsn()}));
  ASSERT_OK(Migrate(*database, std::vector{kTables}));
  ASSERT_OK(database->Write([](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(
        transaction.Execute("CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                            " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"));
    return transaction.Execute(
        "CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (NEW.id = 'fatal') EXECUTE FUNCTION hang_up()");
  }));
  std::atomic<int> runs = 0;
  EXPECT_THAT(database->Write([&](Transaction& transaction) {
    ++runs;
    return Insert("fatal")(transaction);
  }),
              StatusIs(absl::StatusCode::kUnknown, HasSubstr("may have been written")));
  EXPECT_EQ(runs, 1);
  EXPECT_OK(Eventually([&] { return database->Write(Insert("next")); }));
  // Ended before its statements were done: certainly not written.
  EXPECT_THAT(database->Write([](Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(Insert("before")(transaction));
    return transaction.Query("SELECT pg_terminate_backend(pg_backend_pid())").status();
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(Eventually([&] { return database->Write(Insert("last")); }));
  ASSERT_OK_AND_ASSIGN(const auto rows, database->Query("SELECT id FROM thing WHERE id = 'before'"));
  EXPECT_TRUE(rows.empty());
}

}  // namespace
}  // namespace gatehouse::sql
