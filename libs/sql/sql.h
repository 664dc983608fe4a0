// One small relational interface with two drivers: SQLite (a post) and PostgreSQL (a cluster).
//
// Writing. Database::Write(command) hands a command to the one writer of the process, which collects the commands that
// are waiting (up to kMaxBatchCommands) into one transaction, commits it with a sync, and only then lets the callers
// return: group commit, the largest single lever on durable throughput. An OK answer means durable. A command
//   - may run more than once (a failed batch is replayed command by command), so it has no effect outside its
//     Transaction until Write returned OK;
//   - sees the commands before it in the same batch;
//   - that returns an error, lets a statement fail, or throws, is rolled back alone; its neighbours are not touched (a
//     savepoint each on SQLite, the replay on PostgreSQL).
//
// Reading. Database::Query runs on a pooled read connection, sees committed state only, and cannot write. Inside a
// command ask the Transaction instead: there Write and Query of the Database answer INTERNAL.
//
// SQL. Written once, portable: parameters are `?`; the words {{BLOB}} and {{SERIAL_KEY}} (an auto-numbered BIGINT
// primary key) are replaced per dialect; everything else is the common subset (TEXT, BIGINT, ON CONFLICT, RETURNING).
//
// Threads. A Database is thread-safe; a Transaction belongs to the writer thread and to its command only.
//
// Time. Every call lasts at most what its thread has (libs/base/deadline.h), kDefaultTime on a thread without a scope;
// a command has its caller's time. A caller may wait for the statement that runs, never for more: whose time is over in
// the queue is taken out, whose statement is running is interrupted; both are DEADLINE_EXCEEDED, or CANCELLED, and
// nothing of it was written. Once its statements are done a command shares the fate of its batch, whose bound is
// kBatchTime or the longest time one of its commands has; a caller whose time ends before the batch did is told
// UNKNOWN.
//
// Damaged rows. What is stored is the world's, not ours: a cell of SQLite that is not what its column declares (or NULL
// in NOT NULL, or text that is not UTF-8) damages its row. Query answers DATA_LOSS when one of its rows is damaged, and
// names table and column. List gives all rows, the damaged ones marked (Row::damage): for whatever goes through many
// rows of which one must not stop the others. PostgreSQL checks its own pages: there a damaged page is DATA_LOSS.
//
// Errors. No error text quotes a stored or given value.
//   - UNAVAILABLE: the server cannot be reached or a lock was not had in time; nothing was written; retry.
//   - DEADLINE_EXCEEDED, CANCELLED: the time is over (above); nothing was written.
//   - UNKNOWN, for nothing else: it may have been written (the connection was lost in COMMIT, or the time ended during
//     it): ask, or retry by a unique id (request_id), never blindly.
//   - ALREADY_EXISTS: a unique constraint.
//   - FAILED_PRECONDITION: another constraint, another process has the file, or the schema is too new.
//   - INVALID_ARGUMENT: text with a NUL byte or not UTF-8, or a value the column cannot hold.
//   - ABORTED: a deadlock; retry.
//   - RESOURCE_EXHAUSTED: full disk or queue, too many rows; works again by itself when there is room.
//   - DATA_LOSS: the file or a row is damaged.
//   - INTERNAL: our SQL is wrong, or a command threw.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::sql {

inline constexpr int kMaxBatchCommands = 100;
inline constexpr int kMaxQueuedCommands = 10'000;  // more is RESOURCE_EXHAUSTED
// The time of a call on a thread that has no bound of its own.
inline constexpr absl::Duration kDefaultTime = absl::Seconds(30);
// What a batch has at least, so that what ran is also committed when the time of its callers is short.
inline constexpr absl::Duration kBatchTime = absl::Seconds(10);
// The longest that Ping takes.
inline constexpr absl::Duration kPingTime = absl::Seconds(2);

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

// Thrown by a Row when a cell is of another type than is read: our bug, or a damaged cell that reached us through an
// expression (MAX of a damaged time), which declares no type that could be checked before. Nobody needs to catch it:
// Write answers DATA_LOSS for a command that lets it through, and whatever runs bodies has a barrier.
class DamagedCell : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One row of a result.
class Row {
 public:
  explicit Row(std::vector<Value> values, absl::Status damage = absl::OkStatus())
      : values_(std::move(values)), damage_(std::move(damage)) {}
  size_t size() const { return values_.size(); }
  bool IsNull(size_t column) const;
  int64_t Int(size_t column) const;
  double Real(size_t column) const;
  const std::string& Text(size_t column) const;
  const std::string& Bytes(size_t column) const;
  // DATA_LOSS with table and column of the first cell that is not what its column declares. Not OK only in the answer
  // of List; whoever lists asks this before anything else.
  const absl::Status& damage() const { return damage_; }
  // For naming a damaged row: the text of the cell, or `otherwise` when that is the one that is damaged.
  std::string_view TextOr(size_t column, std::string_view otherwise) const;

 private:
  std::vector<Value> values_;
  absl::Status damage_;
};

enum class Dialect { kSqlite, kPostgresql };

class Transaction {
 public:
  virtual ~Transaction() = default;
  // A statement without a result. On PostgreSQL it is pipelined: an error may surface at the next Query or at the end
  // of the batch, and reaches the caller of Write all the same.
  virtual absl::Status Execute(std::string_view sql, Params params = {}) = 0;
  // A statement with a result; at most kMaxRows rows. DATA_LOSS when one of them is damaged, which fails the command.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params = {}) = 0;
  // The same with damaged rows among the others, marked.
  virtual absl::StatusOr<std::vector<Row>> List(std::string_view sql, Params params = {}) = 0;
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
  // DATA_LOSS when a row of the result is damaged.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params = {}) = 0;
  // The same with damaged rows among the others, marked: each is skipped and reported by whoever goes through them.
  virtual absl::StatusOr<std::vector<Row>> List(std::string_view sql, Params params = {}) = 0;
  // Bulk load in one transaction: all rows or none. COPY on PostgreSQL. `before` runs first in the same transaction
  // (for example to delete what is replaced), `after` last.
  virtual absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                              const std::vector<Params>& rows, Command before = nullptr, Command after = nullptr) = 0;
  // Leadership of `name` among the processes that share the store; UNAVAILABLE when another one has it. SQLite: always
  // granted once (one process).
  virtual absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) = 0;
  // For health: reads on a connection of its own and judges writing by what the writer did last (a batch that hangs, a
  // write that failed and none since; an idle writer is given a small one to do). Waits for no one else's work and at
  // most kPingTime. Not OK: what fails, and for how long.
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
