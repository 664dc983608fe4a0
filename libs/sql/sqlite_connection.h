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
  bool rolled_back() const override;
  // The one writer takes the write lock at once, so that no command finds its snapshot stale half way.
  absl::Status Begin() override { return Execute("BEGIN IMMEDIATE", {}); }
  absl::Status Execute(std::string_view sql, const Params& params) override;
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, const Params& params) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Commit() override;
  absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                      const std::vector<Params>& rows) override;

 private:
  SqliteConnection(std::string path, Mode mode);
  struct Statement {
    sqlite3_stmt* handle;
    SqliteColumns columns;
  };
  // Its handle is null when the text is empty.
  absl::StatusOr<const Statement*> Prepare(std::string_view sql);
  absl::Status Bind(sqlite3_stmt* statement, const Params& params);
  absl::Status Error(int code) const;
  static int OnProgress(void* self);
  static int OnBusy(void* self, int times);
  static int OnCommitted(void* self, sqlite3* handle, const char* name, int pages);
  void FinalizeAll();

  const std::string path_;
  const Mode mode_;
  sqlite3* handle_ = nullptr;
  int longest_busy_ms_;         // how long others' locks are waited for
  int restart_from_pages_ = 0;  // the length of the log at which its readers are waited for next
  std::map<std::string, Statement, std::less<>> statements_;
};

}  // namespace gatehouse::sql
