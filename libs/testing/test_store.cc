#include "libs/testing/test_store.h"

#include <libpq-fe.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status_macros.h"
#include "libs/testing/servers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::testing {
namespace {

class SqliteTestStore : public TestStore {
 public:
  std::string dsn() const override { return "sqlite:" + folder_.File("store.db"); }

 private:
  TemporaryFolder folder_;
};

// `dsn` with another database.
absl::StatusOr<std::string> WithDatabase(const std::string& dsn, const std::string& database) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(dsn.c_str(), nullptr),
                                                                             PQconninfoFree);
  if (options == nullptr) return absl::InvalidArgumentError("GATEHOUSE_TEST_POSTGRESQL is no connection string");
  std::string changed = absl::StrCat("dbname=", database);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string(option->keyword) == "dbname") continue;
    const std::string value = absl::StrReplaceAll(option->val, {{"\\", "\\\\"}, {"'", "\\'"}});
    absl::StrAppend(&changed, " ", option->keyword, "='", value, "'");
  }
  return changed;
}

// CREATE and DROP DATABASE run in no transaction, so not through libs/sql.
absl::Status RunOnServer(const std::string& dsn, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("PostgreSQL: ", PQerrorMessage(connection.get())));
}

class PostgresqlTestStore : public TestStore {
 public:
  PostgresqlTestStore(std::string server, std::string database, std::string dsn)
      : server_(std::move(server)), database_(std::move(database)), dsn_(std::move(dsn)) {}
  ~PostgresqlTestStore() override {
    (void)RunOnServer(server_, "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
  }
  std::string dsn() const override { return dsn_; }

 private:
  const std::string server_;
  const std::string database_;
  const std::string dsn_;
};

absl::StatusOr<std::unique_ptr<TestStore>> MakePostgresqlTestStore() {
  GH_ASSIGN_OR_RETURN(const std::string server, RequirePostgresql());
  const std::string database = UniqueName();
  GH_ASSIGN_OR_RETURN(std::string dsn, WithDatabase(server, database));
  GH_RETURN_IF_ERROR(RunOnServer(server, "CREATE DATABASE " + database));
  return std::make_unique<PostgresqlTestStore>(server, database, std::move(dsn));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TestStore>> MakeTestStore(StoreKind kind) {
  if (kind == StoreKind::kSqlite) return std::make_unique<SqliteTestStore>();
  return MakePostgresqlTestStore();
}

std::string StoreKindName(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kSqlite ? "Sqlite" : "Postgresql";
}

}  // namespace gatehouse::testing
