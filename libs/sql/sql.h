// One small relational interface with two drivers: SQLite (a post) and PostgreSQL (a cluster).
//
// Writing. Database::Write(command) hands a command to the one writer of the process, which collects the commands that
// are waiting (up to kMaxBatchCommands) into one transaction, commits it with a sync, and only then lets the callers
// return: group commit, the largest single lever on durable throughput. An OK answer means durable. A command
//   - may run more than once (a failed batch is replayed command by command), so it has no effect outside its
//     Transaction until Write returned OK;
//   - sees the commands before it in the same batch;
//   - that returns an error, or that let a statement fail, is rolled back alone (a savepoint each on SQLite, the replay
//     on PostgreSQL); its neighbours are not touched.
// Reading. Database::Query runs on a pooled read connection, sees committed state only, and cannot write. Inside a
// command ask the Transaction instead: there Write and Query of the Database answer INTERNAL.
// SQL. Written once, portable: parameters are `?`; the words {{BLOB}} and {{SERIAL_KEY}} (an auto-numbered BIGINT
// primary key) are replaced per dialect; everything else is the common subset (TEXT, BIGINT, ON CONFLICT, RETURNING).
// Threads. A Database is thread-safe; a Transaction belongs to the writer thread and to its command only.
// Errors. UNAVAILABLE: the server cannot be reached or the lock was not had in time; retry. After a connection lost
// during the commit the write may have happened: a retry must be known by a unique id (request_id). ALREADY_EXISTS: a
// unique constraint. FAILED_PRECONDITION: another constraint, another process has the file, or the schema is too new.
// INVALID_ARGUMENT: text with a NUL byte or not UTF-8, or a value the column cannot hold. ABORTED: a deadlock; retry.
// RESOURCE_EXHAUSTED: full disk or queue, too many rows. DATA_LOSS: the file is damaged. INTERNAL: our SQL is wrong.
// No error text quotes a stored or given value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::sql {

inline constexpr int kMaxBatchCommands = 100;
inline constexpr int kMaxQueuedCommands = 10'000;  // more is RESOURCE_EXHAUSTED

// Bytes, as opposed to text.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

// The same as a parameter that is not copied: its bytes stay where they are until the write that uses them returned.
struct BlobView {
  std::string_view bytes;
  friend bool operator==(const BlobView&, const BlobView&) = default;
};

// Null, a 64-bit integer, a double, UTF-8 text or bytes. Times are stored as BIGINT microseconds since the Unix epoch.
using Value = std::variant<std::monostate, int64_t, double, std::string, Blob, BlobView>;
using Params = std::vector<Value>;

// One row of a result. Reading a column as another type than the statement gives is our bug and checked.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  size_t size() const { return values_.size(); }
  bool IsNull(size_t column) const;
  int64_t Int(size_t column) const;
  double Real(size_t column) const;
  const std::string& Text(size_t column) const;
  const std::string& Bytes(size_t column) const;

 private:
  std::vector<Value> values_;
};

enum class Dialect { kSqlite, kPostgresql };

class Transaction {
 public:
  virtual ~Transaction() = default;
  // A statement without a result. On PostgreSQL it is pipelined: an error may surface at the next Query or at the end
  // of the batch, and reaches the caller of Write all the same.
  virtual absl::Status Execute(std::string_view sql, Params params = {}) = 0;
  // A statement with a result; at most kMaxRows rows.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params = {}) = 0;
  // A statement that runs at the end of the batch, after those of all commands, in order, under the database's commit
  // lock, which is then held through the commit: what it numbers (outbox positions) is numbered in commit order.
  virtual void AtCommit(std::string_view sql, Params params = {}) = 0;
};

using Command = std::function<absl::Status(Transaction&)>;

inline constexpr int kMaxRows = 100'000;

// Held while this process leads; released by destruction or by losing the connection.
class Lease {
 public:
  virtual ~Lease() = default;
  // False once the lease is lost.
  virtual bool Held() = 0;
};

class Database {
 public:
  virtual ~Database() = default;

  virtual Dialect dialect() const = 0;
  virtual absl::Status Write(Command command) = 0;
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params = {}) = 0;
  // Bulk load in one transaction: all rows or none. COPY on PostgreSQL. `before` runs first in the same transaction
  // (for example to delete what is replaced), `after` last.
  virtual absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                              const std::vector<Params>& rows, Command before = nullptr, Command after = nullptr) = 0;
  // Leadership of `name` among the processes that share the store; UNAVAILABLE when another one has it. SQLite: always
  // granted once (one process).
  virtual absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) = 0;
  // A cheap round trip, for health.
  virtual absl::Status Ping() = 0;
};

struct Options {
  // "sqlite:/path/file.db", "sqlite::memory:" (tests), "postgresql://..." or a libpq keyword string.
  std::string dsn;
  int read_connections = 4;
  // How long a writer waits for company before it commits a batch that is not full. 0: never waits; the batch is what
  // gathered while the last commit synced.
  int batch_wait_us = 0;
};

// Opens the store; UNAVAILABLE when it cannot be reached. SQLite: WAL, synchronous=FULL, foreign keys on, and an
// exclusive file lock that refuses a second process. PostgreSQL: synchronous_commit stays as the server has it (on).
absl::StatusOr<std::unique_ptr<Database>> Open(const Options& options);

}  // namespace gatehouse::sql
