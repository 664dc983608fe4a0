// A Connection on the sqlite3 C API.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sql/connection.h"
#include "libs/sql/sqlite_columns.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse::sql {

class SqliteConnection : public Connection {
 public:
  enum class Mode { kReadWriteCreate, kReadOnly };
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Mode mode);
  // Opens at the first Ready().
  static std::unique_ptr<SqliteConnection> Later(std::string path, Mode mode);
  ~SqliteConnection() override;

  absl::Status Ready() override;
  bool lost() const override { return false; }
  absl::Status Execute(std::string_view sql, const Params& params) override;
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, const Params& params) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Commit() override { return Execute("COMMIT", {}); }
  absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                      const std::vector<Params>& rows) override;

 private:
  SqliteConnection(std::string path, Mode mode) : path_(std::move(path)), mode_(mode) {}
  struct Statement {
    sqlite3_stmt* handle;
    SqliteColumns columns;
  };
  // Its handle is null when the text is empty.
  absl::StatusOr<const Statement*> Prepare(std::string_view sql);
  absl::Status Bind(sqlite3_stmt* statement, const Params& params);
  absl::Status Error(int code) const;
  void FinalizeAll();

  const std::string path_;
  const Mode mode_;
  sqlite3* handle_ = nullptr;
  std::map<std::string, Statement, std::less<>> statements_;
};

}  // namespace gatehouse::sql
