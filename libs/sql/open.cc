#include <utility>

#include "absl/strings/string_view.h"
#include "libs/base/status_macros.h"
#include "libs/sql/connection.h"
#include "libs/sql/pooled_database.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";

}  // namespace

std::string_view CommitLockSql(Dialect dialect) {
  // One lock a schema, so that services that share a server but not a schema do not wait for each other.
  return dialect == Dialect::kSqlite
             ? ""
             : "SELECT pg_advisory_xact_lock(hashtextextended('gatehouse.commit.' || current_schema(), 0))";
}

absl::StatusOr<std::unique_ptr<Database>> Open(const Options& options) {
  if (options.dsn.empty()) return absl::InvalidArgumentError("dsn: empty");
  std::unique_ptr<Driver> driver;
  if (options.dsn.rfind(kSqlitePrefix, 0) == 0) {
    const std::string path = options.dsn.substr(kSqlitePrefix.size());
    if (path.empty()) return absl::InvalidArgumentError("dsn: no path behind \"sqlite:\"");
    GH_ASSIGN_OR_RETURN(driver, MakeSqliteDriver(path));
  } else {
    driver = MakePostgresqlDriver(options.dsn);
  }
  auto database = std::make_unique<PooledDatabase>(std::move(driver), options);
  GH_RETURN_IF_ERROR(database->Ping());
  return database;
}

}  // namespace gatehouse::sql
