// Numbered, forward-only migrations (expand, then contract in a later release). The table gatehouse_schema records what
// was applied, each with the SHA-256 of its text: a store that was made by another text of the same number has other
// tables, and is refused by name instead of failing where they differ (docs/decisions/0045). A binary works with a
// database that is behind (it migrates, or `gatehouse migrate` does) and with one that is ahead, and refuses only a
// database whose min_reader exceeds the binary's own newest version.
#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

struct Migration {
  // 1, 2, 3 ... without gaps.
  int version;
  // The oldest binary version that can still work with the schema after this migration. An expanding migration leaves
  // it where it was; a contracting one raises it.
  int min_reader;
  std::string_view name;
  // Statements separated by `;` at a line's end, in the portable SQL of sql.h.
  std::string_view sql;
};

struct SchemaState {
  int version = 0;
  int min_reader = 0;
};

// Applies what is missing, each in its own transaction, under a lock so that replicas may start together.
// FAILED_PRECONDITION when the database's min_reader exceeds the newest version in `migrations`, or a migration that
// was applied has another text here; then nothing was changed.
absl::StatusOr<SchemaState> Migrate(Database& database, std::span<const Migration> migrations);

// A durable write on any store that was migrated, which shows whether writing works. It counts, because SQLite writes
// no page for a value that stays what it was.
inline constexpr std::string_view kWriteProbeSql =
    "UPDATE gatehouse_schema SET write_probes = write_probes + 1 WHERE version = 1";

// What the database has, without changing it.
absl::StatusOr<SchemaState> ReadSchema(Database& database);

// FAILED_PRECONDITION when the database is too new (min_reader), lacks migrations, or was made by other texts of them.
absl::Status CheckSchema(Database& database, std::span<const Migration> migrations);

}  // namespace gatehouse::sql
