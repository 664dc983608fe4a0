#include "libs/sql/migrate.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/sql/dialect.h"

namespace gatehouse::sql {
namespace {

constexpr absl::Duration kMigrationTime = absl::Hours(2);
constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS gatehouse_schema ("
    " version BIGINT PRIMARY KEY, min_reader BIGINT NOT NULL, name TEXT NOT NULL,"
    " write_probes BIGINT NOT NULL DEFAULT 0)";
constexpr char kReadState[] = "SELECT COALESCE(MAX(version), 0), COALESCE(MAX(min_reader), 0) FROM gatehouse_schema";
constexpr char kMigrationLock[] =
    "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('gatehouse.migrate.' || current_schema(), 0))";

int NewestVersion(std::span<const Migration> migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) GH_CHECK(migrations[i].version == static_cast<int>(i) + 1);
  return static_cast<int>(migrations.size());
}

absl::Status TooNew(const SchemaState& state, int newest) {
  return absl::FailedPreconditionError(absl::StrCat("the database is at schema version ", state.version,
                                                    " and needs a program that knows version ", state.min_reader,
                                                    "; this one knows ", newest, ": run the newer release"));
}

SchemaState FromRow(const Row& row) {
  return {.version = static_cast<int>(row.Int(0)), .min_reader = static_cast<int>(row.Int(1))};
}

absl::StatusOr<SchemaState> LockAndRead(Transaction& transaction, Dialect dialect) {
  if (dialect == Dialect::kPostgresql) GH_RETURN_IF_ERROR(transaction.Query(kMigrationLock).status());
  GH_RETURN_IF_ERROR(transaction.Execute(kCreateTable));
  GH_ASSIGN_OR_RETURN(const auto rows, transaction.Query(kReadState));
  return FromRow(rows.front());
}

absl::Status Apply(Transaction& transaction, const Migration& migration) {
  for (const std::string& statement : SplitStatements(migration.sql)) {
    GH_RETURN_IF_ERROR(transaction.Execute(statement));
  }
  return transaction.Execute("INSERT INTO gatehouse_schema (version, min_reader, name) VALUES (?, ?, ?)",
                             {int64_t{migration.version}, int64_t{migration.min_reader}, std::string(migration.name)});
}

}  // namespace

absl::StatusOr<SchemaState> Migrate(Database& database, std::span<const Migration> migrations) {
  const int newest = NewestVersion(migrations);
  SchemaState state;
  const auto apply_next = [&](Transaction& transaction) -> absl::Status {
    GH_ASSIGN_OR_RETURN(state, LockAndRead(transaction, database.dialect()));
    if (state.min_reader > newest) return TooNew(state, newest);
    if (state.version >= newest) return absl::OkStatus();
    const Migration& next = migrations[static_cast<size_t>(state.version)];
    GH_RETURN_IF_ERROR(Apply(transaction, next));
    state = {.version = next.version, .min_reader = std::max(state.min_reader, next.min_reader)};
    return absl::OkStatus();
  };
  // An index over all that a State has ever stored takes its time.
  const base::WorkTimeScope scope(base::WorkTime::In(kMigrationTime));
  // One transaction a step: a step that fails leaves those before it.
  do {
    GH_RETURN_IF_ERROR(database.Write(apply_next));
  } while (state.version < newest);
  return state;
}

absl::StatusOr<SchemaState> ReadSchema(Database& database) {
  const bool sqlite = database.dialect() == Dialect::kSqlite;
  GH_ASSIGN_OR_RETURN(
      const auto tables,
      database.Query(sqlite ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'gatehouse_schema'"
                            : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'gatehouse_schema' "
                              "AND table_schema = current_schema()"));
  if (tables.front().Int(0) == 0) return SchemaState{};
  GH_ASSIGN_OR_RETURN(const auto rows, database.Query(kReadState));
  return FromRow(rows.front());
}

absl::Status CheckSchema(Database& database, std::span<const Migration> migrations) {
  const int newest = NewestVersion(migrations);
  GH_ASSIGN_OR_RETURN(const SchemaState state, ReadSchema(database));
  if (state.min_reader > newest) return TooNew(state, newest);
  if (state.version < newest) {
    return absl::FailedPreconditionError(absl::StrCat("the database is at schema version ", state.version,
                                                      ", this program needs ", newest, ": run `gatehouse migrate`"));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::sql
