// What a driver gives: connections, and the few things in which the engines differ. All else (batches, queue, pool,
// migrations) is written once above it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

// One session with the engine. Used by one thread at a time. Whatever waits here waits within the thread's time
// (libs/base/deadline.h), which whoever calls has set; DEADLINE_EXCEEDED or CANCELLED when it is over.
class Connection {
 public:
  virtual ~Connection() = default;
  // Connects when not connected; UNAVAILABLE with the reason. Cheap when connected.
  virtual absl::Status Ready() = 0;
  // True when the connection broke: nothing said on it since the last Flush is certain, and whatever transaction was
  // open is over. Ready() makes a new one.
  virtual bool lost() const = 0;
  // Within an open transaction: true when the engine has ended it by itself, with all that was done in it (SQLite after
  // a full disk, an I/O error, an interrupted write).
  virtual bool rolled_back() const = 0;
  // Opens a transaction.
  virtual absl::Status Begin() = 0;
  // Engines that queue statements report errors at the next Query or Flush.
  virtual absl::Status Execute(std::string_view sql, const Params& params) = 0;
  // Damaged rows are among the others, marked.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql, const Params& params) = 0;
  // Waits for what is queued; the first error.
  virtual absl::Status Flush() = 0;
  // COMMIT and Flush. OK only when the engine said that it committed; UNKNOWN when it may have.
  virtual absl::Status Commit() = 0;
  // Loads rows inside the open transaction.
  virtual absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                              const std::vector<Params>& rows) = 0;
};

// The first damage among the rows, if there is any.
absl::StatusOr<std::vector<Row>> WithoutDamage(absl::StatusOr<std::vector<Row>> rows);

class Driver {
 public:
  virtual ~Driver() = default;
  virtual Dialect dialect() const = 0;
  virtual std::unique_ptr<Connection> WriteConnection() = 0;
  // A session that cannot write. Null when the store has one session only: reads then queue with the writes.
  virtual std::unique_ptr<Connection> ReadConnection() = 0;
  // True when a second session may write at the same time, so bulk loads need not hold up the writer.
  virtual bool many_writers() const = 0;
  virtual absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) = 0;
};

// Opens the file and takes its lock; ":memory:" is a store of its own, gone with the driver.
absl::StatusOr<std::unique_ptr<Driver>> MakeSqliteDriver(std::string path);
std::unique_ptr<Driver> MakePostgresqlDriver(std::string dsn);

// The statement that takes the commit lock (sql.h, AtCommit); empty where the engine has one writer anyway.
std::string_view CommitLockSql(Dialect dialect);

}  // namespace gatehouse::sql
