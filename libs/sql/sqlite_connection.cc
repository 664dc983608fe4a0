#include "libs/sql/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/sql/dialect.h"

namespace gatehouse::sql {
namespace {

constexpr size_t kMaxStatements = 256;
// Only a checkpoint in another connection makes anyone wait: there is one writer.
constexpr int kBusyTimeout_ms = 5000;
constexpr int kBusyPause_ms = 5;
// Steps of SQLite's machine between two looks at the clock: about a tenth of a millisecond.
constexpr int kStepsBetweenLooks = 2000;

// The log. Every kCheckpoint_pages it is copied into the file, as far as readers let it; once it is kLargeLog_pages
// long (readers followed each other without a gap, so that it never could begin anew), the writer waits a moment for
// those that are reading. What it grew beyond journal_size_limit meanwhile is given back.
constexpr int kCheckpoint_pages = 500;
constexpr int kLargeLog_pages = 8'000;
constexpr int kRestartWait_ms = 200;

// temp_store: what savepoints and sorts set aside would else go to files in /tmp, page by page: outside the folder that
// is ours to guard, and for every batch.
// page_size, of a new file: of a page of 4 KiB two rows of 1.5 KiB leave a quarter empty (docs/decisions/0052).
constexpr char kWriterPragmas[] =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=16777216";
constexpr char kReaderPragmas[] = "PRAGMA query_only=ON; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY";

absl::StatusCode CodeOf(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::StatusCode::kAlreadyExists;
    case SQLITE_CONSTRAINT_DATATYPE:
      return absl::StatusCode::kInvalidArgument;
  }
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return absl::StatusCode::kUnavailable;
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_INTERRUPT:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kInternal;
  }
}

// A quota and a limit of size are full disks that SQLite does not know.
bool IsFullDisk(sqlite3* handle) {
  const auto full = [](sqlite3_file* file) {
    int error = 0;
    if (file == nullptr || file->pMethods == nullptr) return false;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
  };
  sqlite3_file* store = nullptr;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle, nullptr, SQLITE_FCNTL_FILE_POINTER, &store);
  sqlite3_file_control(handle, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return full(log) || full(store);
}

Value ColumnValue(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return Blob{size == 0 ? std::string() : std::string(bytes, size)};
    }
    default:
      return std::monostate();
  }
}

Row ReadRow(sqlite3_stmt* statement, const SqliteColumns& declared) {
  std::vector<Value> values;
  const int columns = sqlite3_column_count(statement);
  values.reserve(static_cast<size_t>(columns));
  for (int column = 0; column < columns; ++column) values.push_back(ColumnValue(statement, column));
  return Row(std::move(values), declared.Check(statement));
}

// Leaves a cached statement reusable: an unfinished one would hold its locks, a bound one its values.
struct Reset {
  sqlite3_stmt* statement;
  ~Reset() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

struct BindOne {
  sqlite3_stmt* statement;
  int index;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  // The parameters outlive the step, so SQLite need not copy.
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const Blob& blob) const { return (*this)(BlobView{blob.bytes}); }
  int operator()(const BlobView& blob) const {
    // A null pointer would bind NULL, not the empty blob.
    const char* bytes = blob.bytes.empty() ? "" : blob.bytes.data();
    return sqlite3_bind_blob64(statement, index, bytes, blob.bytes.size(), SQLITE_STATIC);
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, Mode mode) {
  auto connection = Later(path, mode);
  GH_RETURN_IF_ERROR(connection->Ready());
  return connection;
}

std::unique_ptr<SqliteConnection> SqliteConnection::Later(std::string path, Mode mode) {
  return std::unique_ptr<SqliteConnection>(new SqliteConnection(std::move(path), mode));
}

SqliteConnection::SqliteConnection(std::string path, Mode mode)
    : path_(std::move(path)), mode_(mode), longest_busy_ms_(kBusyTimeout_ms) {}

SqliteConnection::~SqliteConnection() {
  FinalizeAll();
  sqlite3_close(handle_);
}

absl::Status SqliteConnection::Ready() {
  if (handle_ != nullptr) return absl::OkStatus();
  const int create = mode_ == Mode::kReadWriteCreate ? SQLITE_OPEN_CREATE : 0;
  int code = sqlite3_open_v2(path_.c_str(), &handle_,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | create, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_handler(handle_, OnBusy, this);
    sqlite3_progress_handler(handle_, kStepsBetweenLooks, OnProgress, this);
    const char* pragmas = mode_ == Mode::kReadWriteCreate ? kWriterPragmas : kReaderPragmas;
    code = sqlite3_exec(handle_, pragmas, nullptr, nullptr, nullptr);
    // In the place of SQLite's own, which never waits for readers.
    if (mode_ == Mode::kReadWriteCreate) sqlite3_wal_hook(handle_, OnCommitted, this);
  }
  if (code == SQLITE_OK) return absl::OkStatus();
  const absl::Status error = Error(code);
  sqlite3_close(handle_);
  handle_ = nullptr;
  return absl::Status(error.code(), absl::StrCat("cannot open ", path_, ": ", error.message()));
}

absl::Status SqliteConnection::Execute(std::string_view sql, const Params& params) {
  GH_ASSIGN_OR_RETURN(const Statement* const prepared, Prepare(sql));
  sqlite3_stmt* const statement = prepared->handle;
  if (statement == nullptr) return absl::OkStatus();
  const Reset reset{statement};
  GH_RETURN_IF_ERROR(Bind(statement, params));
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  return code == SQLITE_DONE ? absl::OkStatus() : Error(code);
}

bool SqliteConnection::rolled_back() const { return sqlite3_get_autocommit(handle_) != 0; }

absl::Status SqliteConnection::Commit() {
  GH_ASSIGN_OR_RETURN(const Statement* const commit, Prepare("COMMIT"));
  const Reset reset{commit->handle};
  const int code = sqlite3_step(commit->handle);
  if (code == SQLITE_DONE) return absl::OkStatus();
  // All of it is in the log, with its mark, and only the sync failed: after a crash it would count.
  if (code == SQLITE_IOERR_FSYNC) return absl::UnknownError(Error(code).message());
  return Error(code);
}

int SqliteConnection::OnProgress(void*) { return base::CheckWorkTime().ok() ? 0 : 1; }

int SqliteConnection::OnBusy(void* self, int times) {
  if (times * kBusyPause_ms >= static_cast<SqliteConnection*>(self)->longest_busy_ms_ || OnProgress(self) != 0)
    return 0;
  sqlite3_sleep(kBusyPause_ms);
  return 1;
}

// A checkpoint that fails fails nothing: the log is kept, and the next commit tries again.
int SqliteConnection::OnCommitted(void* self, sqlite3* handle, const char* name, int pages) {
  if (pages < kCheckpoint_pages) return SQLITE_OK;
  auto* const connection = static_cast<SqliteConnection*>(self);
  if (pages < kLargeLog_pages) connection->restart_from_pages_ = kLargeLog_pages;
  const bool wait = pages >= connection->restart_from_pages_;
  if (wait) connection->restart_from_pages_ = pages + kCheckpoint_pages;
  connection->longest_busy_ms_ = kRestartWait_ms;
  sqlite3_wal_checkpoint_v2(handle, name, wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr,
                            nullptr);
  connection->longest_busy_ms_ = kBusyTimeout_ms;
  return SQLITE_OK;
}

absl::StatusOr<std::vector<Row>> SqliteConnection::Query(std::string_view sql, const Params& params) {
  GH_ASSIGN_OR_RETURN(const Statement* const prepared, Prepare(sql));
  sqlite3_stmt* const statement = prepared->handle;
  std::vector<Row> rows;
  if (statement == nullptr) return rows;
  const Reset reset{statement};
  GH_RETURN_IF_ERROR(Bind(statement, params));
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    if (rows.size() == kMaxRows) return absl::ResourceExhaustedError("the result has too many rows");
    rows.push_back(ReadRow(statement, prepared->columns));
  }
  if (code != SQLITE_DONE) return Error(code);
  return rows;
}

absl::Status SqliteConnection::CopyIn(std::string_view table, const std::vector<std::string>& columns,
                                      const std::vector<Params>& rows) {
  const std::vector<std::string> marks(columns.size(), "?");
  const std::string insert = absl::StrCat("INSERT INTO ", absl::string_view(table.data(), table.size()), "(",
                                          absl::StrJoin(columns, ","), ") VALUES(", absl::StrJoin(marks, ","), ")");
  for (const Params& row : rows) GH_RETURN_IF_ERROR(Execute(insert, row));
  return absl::OkStatus();
}

absl::StatusOr<const SqliteConnection::Statement*> SqliteConnection::Prepare(std::string_view sql) {
  GH_CHECK(handle_ != nullptr);
  if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  if (statements_.size() >= kMaxStatements) FinalizeAll();
  const std::string rendered = Render(Dialect::kSqlite, sql);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle_, rendered.c_str(), static_cast<int>(rendered.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) return Error(code);
  if (rest != rendered.c_str() + rendered.size()) {
    sqlite3_finalize(statement);
    return absl::InternalError("more than one statement in one call");
  }
  const auto kept = statements_.emplace(sql, Statement{statement, SqliteColumns(handle_, statement, sql)}).first;
  return &kept->second;
}

absl::Status SqliteConnection::Bind(sqlite3_stmt* statement, const Params& params) {
  if (sqlite3_bind_parameter_count(statement) != static_cast<int>(params.size())) {
    return absl::InternalError(absl::StrCat("statement has ", sqlite3_bind_parameter_count(statement), " parameters, ",
                                            params.size(), " were given"));
  }
  for (size_t i = 0; i < params.size(); ++i) {
    const int code = std::visit(BindOne{statement, static_cast<int>(i) + 1}, params[i]);
    if (code != SQLITE_OK) return Error(code);
  }
  return absl::OkStatus();
}

// SQLite's messages name tables and columns, never values.
absl::Status SqliteConnection::Error(int code) const {
  if (code == SQLITE_INTERRUPT) {
    const absl::Status over = base::CheckWorkTime();
    if (!over.ok()) return over;
  }
  const char* message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  if (handle_ != nullptr && (code & 0xFF) == SQLITE_IOERR && IsFullDisk(handle_)) {
    return absl::ResourceExhaustedError(absl::StrCat("sqlite: the disk is full (", code, ")"));
  }
  return absl::Status(CodeOf(code), absl::StrCat("sqlite: ", message, " (", code, ")"));
}

void SqliteConnection::FinalizeAll() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  statements_.clear();
}

}  // namespace gatehouse::sql
