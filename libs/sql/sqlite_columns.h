// What the columns of a prepared statement declare, against what its cells hold: SQLite stores any type in any column,
// and a changed bit in the header of a record makes bytes into text (sql.h, Damaged rows).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse::sql {

class SqliteColumns {
 public:
  // Asks the schema once; `sql` is the text of `statement`.
  SqliteColumns(sqlite3* handle, sqlite3_stmt* statement, std::string_view sql);

  // DATA_LOSS, naming table and column, for the first cell of the present row that is not as declared. A column that is
  // an expression declares nothing and passes.
  absl::Status Check(sqlite3_stmt* statement) const;

 private:
  struct Column {
    std::string name;       // table.column
    int type = 0;           // SQLITE_INTEGER, ...; 0: declares nothing
    bool required = false;  // NOT NULL
  };
  std::vector<Column> columns_;
};

}  // namespace gatehouse::sql
