#include "libs/sql/sqlite_columns.h"

#include <sqlite3.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/sql/dialect.h"

namespace gatehouse::sql {
namespace {

// By SQLite's own rules of affinity (datatype3.html, 3.1), for the types that portable SQL has.
int TypeOf(const char* declared) {
  if (declared == nullptr) return 0;
  const std::string type = absl::AsciiStrToUpper(declared);
  if (absl::StrContains(type, "INT")) return SQLITE_INTEGER;
  if (absl::StrContains(type, "TEXT")) return SQLITE_TEXT;
  if (absl::StrContains(type, "BLOB")) return SQLITE_BLOB;
  if (absl::StrContains(type, "DOUBLE") || absl::StrContains(type, "REAL")) return SQLITE_FLOAT;
  return 0;
}

// An outer join, a subquery in the place of a column and a second half of a UNION give NULL for a column that is never
// NULL in its table.
bool GivesNullsOfItsOwn(std::string_view sql) {
  const std::string upper = absl::AsciiStrToUpper(absl::string_view(sql.data(), sql.size()));
  for (const char* join : {"LEFT ", "RIGHT ", "FULL "}) {
    if (absl::StrContains(upper, join)) return true;
  }
  const size_t first = upper.find("SELECT");
  return first != std::string::npos && upper.find("SELECT", first + 1) != std::string::npos;
}

const char* Word(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return "a number";
    case SQLITE_FLOAT:
      return "a fraction";
    case SQLITE_TEXT:
      return "text";
    case SQLITE_BLOB:
      return "bytes";
    default:
      return "nothing";
  }
}

bool IsStored(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return IsStorableText({text, static_cast<size_t>(sqlite3_column_bytes(statement, column))});
}

}  // namespace

SqliteColumns::SqliteColumns(sqlite3* handle, sqlite3_stmt* statement, std::string_view sql) {
  const bool nulls = GivesNullsOfItsOwn(sql);
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    Column column{.type = TypeOf(sqlite3_column_decltype(statement, i))};
    const char* const table = sqlite3_column_table_name(statement, i);
    const char* const origin = sqlite3_column_origin_name(statement, i);
    if (table != nullptr && origin != nullptr) {
      column.name = absl::StrCat(table, ".", origin);
      int not_null = 0;
      int key = 0;
      // A key is never NULL to PostgreSQL, so never to us.
      column.required = !nulls &&
                        sqlite3_table_column_metadata(handle, sqlite3_column_database_name(statement, i), table, origin,
                                                      nullptr, nullptr, &not_null, &key, nullptr) == SQLITE_OK &&
                        (not_null != 0 || key != 0);
    }
    columns_.push_back(std::move(column));
  }
}

absl::Status SqliteColumns::Check(sqlite3_stmt* statement) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.type == 0) continue;
    const int cell = static_cast<int>(i);
    const int type = sqlite3_column_type(statement, cell);
    if (type == SQLITE_NULL && !column.required) continue;
    if (type != column.type) {
      return absl::DataLossError(
          absl::StrCat("sqlite: ", column.name, " holds ", Word(type), " where ", Word(column.type), " belongs"));
    }
    if (type == SQLITE_TEXT && !IsStored(statement, cell)) {
      return absl::DataLossError(absl::StrCat("sqlite: ", column.name, " holds text that nobody can have stored"));
    }
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::sql
