// A batch of commands as one transaction on one connection, each failing command taken out alone.
#pragma once

#include <functional>
#include <span>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

// A command and, after RunBatch, its answer. OK means committed and synced.
struct BatchEntry {
  const Command* command;
  base::WorkTime time;  // the caller's; in force while the command runs
  // Asked each time before the command is run; false when its caller has left or its time is over: it is not run
  // (again) then. `leave` tells that it has run.
  std::function<bool()> enter;
  std::function<void(bool refused)> leave;
  absl::Status status;
  bool settled = false;  // `status` is the answer whatever the others do: the next run of the batch goes without it
};

// Runs and commits, within the thread's time. On PostgreSQL first optimistically: all commands in the pipeline without
// savepoints. When one fails, the whole is rolled back and run again with a savepoint each; when the commit itself
// fails, each alone. A command whose time ended takes the transaction with it; the others run again without it. When
// the connection is lost before COMMIT every entry is UNAVAILABLE and nothing was written; in COMMIT, UNKNOWN, and
// nothing is repeated.
void RunBatch(Connection& connection, Dialect dialect, std::span<BatchEntry> batch);

// What `body` answers; DATA_LOSS for a DamagedCell and INTERNAL for whatever else it throws.
absl::Status Guarded(const std::function<absl::Status()>& body);

// Bulk load with its companions (sql.h, CopyIn) as one transaction.
absl::Status RunCopyIn(Connection& connection, Dialect dialect, std::string_view table,
                       const std::vector<std::string>& columns, const std::vector<Params>& rows, const Command& before,
                       const Command& after);

}  // namespace gatehouse::sql
