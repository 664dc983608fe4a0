// A batch of commands as one transaction on one connection, each failing command taken out alone.
#pragma once

#include <functional>
#include <span>

#include "absl/status/status.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

// A command and, after RunBatch, its answer. OK means committed and synced.
struct BatchEntry {
  Command* command;
  absl::Status status;
};

// Runs and commits. On PostgreSQL first optimistically: all commands in the pipeline without savepoints. When one
// fails, the whole is rolled back and run again with a savepoint each; when the commit itself fails, each alone.
// After a lost connection every entry is UNAVAILABLE and nothing is repeated: it may have been committed.
void RunBatch(Connection& connection, Dialect dialect, std::span<BatchEntry> batch);

// What `body` answers; DATA_LOSS for a DamagedCell and INTERNAL for whatever else it throws.
absl::Status Guarded(const std::function<absl::Status()>& body);

// Bulk load with its companions (sql.h, CopyIn) as one transaction.
absl::Status RunCopyIn(Connection& connection, Dialect dialect, std::string_view table,
                       const std::vector<std::string>& columns, const std::vector<Params>& rows, const Command& before,
                       const Command& after);

}  // namespace gatehouse::sql
