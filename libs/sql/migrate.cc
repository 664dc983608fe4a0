#include "libs/sql/migrate.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
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
    " version BIGINT PRIMARY KEY, min_reader BIGINT NOT NULL, name TEXT NOT NULL, sql_sha256 TEXT NOT NULL,"
    " write_probes BIGINT NOT NULL DEFAULT 0)";
constexpr char kReadApplied[] = "SELECT version, min_reader, sql_sha256 FROM gatehouse_schema ORDER BY version";
constexpr char kReadWithoutDigests[] = "SELECT version, min_reader, '' FROM gatehouse_schema ORDER BY version";
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

std::string DigestOf(std::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// What gatehouse_schema says.
struct Applied {
  SchemaState state;
  std::map<int, std::string> digests;  // by version; empty where the table keeps none
};

// `reader`: a Database, or a Transaction that may write what is read here.
template <typename Reader>
absl::StatusOr<Applied> ReadApplied(Reader& reader, Dialect dialect) {
  // By its columns, because the table of an earlier build has not all of them.
  GH_ASSIGN_OR_RETURN(
      const auto columns,
      reader.Query(dialect == Dialect::kSqlite
                       ? "SELECT name FROM pragma_table_info('gatehouse_schema')"
                       : "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = "
                         "'gatehouse_schema' AND table_schema = current_schema()"));
  if (columns.empty()) return Applied{};
  const bool keeps_digests =
      std::any_of(columns.begin(), columns.end(), [](const Row& column) { return column.Text(0) == "sql_sha256"; });
  GH_ASSIGN_OR_RETURN(const auto rows, reader.Query(keeps_digests ? kReadApplied : kReadWithoutDigests));
  Applied applied;
  for (const Row& row : rows) {
    const int version = static_cast<int>(row.Int(0));
    applied.state.version = std::max(applied.state.version, version);
    applied.state.min_reader = std::max(applied.state.min_reader, static_cast<int>(row.Int(1)));
    applied.digests[version] = row.Text(2);
  }
  return applied;
}

// That what was applied is what stands here, as far as this program knows it.
absl::Status CheckApplied(const Applied& applied, std::span<const Migration> migrations) {
  for (const Migration& migration : migrations) {
    if (migration.version > applied.state.version) break;
    const auto digest = applied.digests.find(migration.version);
    if (digest != applied.digests.end() && digest->second == DigestOf(migration.sql)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("it was made by an earlier, unreleased build: its schema version ", migration.version, " (",
                     std::string(migration.name),
                     ") is not the one of this program, and nothing leads from one to the other; run the build that "
                     "made it, or begin anew (docs/runbooks/lost-database.md)"));
  }
  return absl::OkStatus();
}

absl::Status Apply(Transaction& transaction, const Migration& migration) {
  for (const std::string& statement : SplitStatements(migration.sql)) {
    GH_RETURN_IF_ERROR(transaction.Execute(statement));
  }
  return transaction.Execute("INSERT INTO gatehouse_schema (version, min_reader, name, sql_sha256) VALUES (?, ?, ?, ?)",
                             {int64_t{migration.version}, int64_t{migration.min_reader}, std::string(migration.name),
                              DigestOf(migration.sql)});
}

}  // namespace

absl::StatusOr<SchemaState> Migrate(Database& database, std::span<const Migration> migrations) {
  const int newest = NewestVersion(migrations);
  SchemaState state;
  const auto apply_next = [&](Transaction& transaction) -> absl::Status {
    if (database.dialect() == Dialect::kPostgresql) GH_RETURN_IF_ERROR(transaction.Query(kMigrationLock).status());
    GH_ASSIGN_OR_RETURN(const Applied applied, ReadApplied(transaction, database.dialect()));
    state = applied.state;
    if (state.min_reader > newest) return TooNew(state, newest);
    GH_RETURN_IF_ERROR(CheckApplied(applied, migrations));
    GH_RETURN_IF_ERROR(transaction.Execute(kCreateTable));
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
  GH_ASSIGN_OR_RETURN(const Applied applied, ReadApplied(database, database.dialect()));
  return applied.state;
}

absl::Status CheckSchema(Database& database, std::span<const Migration> migrations) {
  const int newest = NewestVersion(migrations);
  GH_ASSIGN_OR_RETURN(const Applied applied, ReadApplied(database, database.dialect()));
  const SchemaState& state = applied.state;
  if (state.min_reader > newest) return TooNew(state, newest);
  GH_RETURN_IF_ERROR(CheckApplied(applied, migrations));
  if (state.version < newest) {
    return absl::FailedPreconditionError(absl::StrCat("the database is at schema version ", state.version,
                                                      ", this program needs ", newest, ": run `gatehouse migrate`"));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::sql
