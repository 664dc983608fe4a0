#include "libs/sql/batch.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/sql/dialect.h"

namespace gatehouse::sql {
namespace {

constexpr int kMaxRuns = 5;

struct Deferred {
  std::string sql;
  Params params;
};

// What one command sees. After the first error every statement answers that error, as PostgreSQL would.
class CommandTransaction : public Transaction {
 public:
  explicit CommandTransaction(Connection& connection) : connection_(connection) {}

  absl::Status Execute(std::string_view sql, Params params) override {
    GH_RETURN_IF_ERROR(error_);
    error_ = CheckParams(params);
    if (!error_.ok()) return error_;
    wrote_ = true;
    error_ = connection_.Execute(sql, params);
    return error_;
  }

  absl::StatusOr<std::vector<Row>> List(std::string_view sql, Params params) override {
    GH_RETURN_IF_ERROR(error_);
    error_ = CheckParams(params);
    if (!error_.ok()) return error_;
    wrote_ = wrote_ || !IsSelect(sql);
    auto rows = connection_.Query(sql, params);
    error_ = rows.status();
    return rows;
  }

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params) override {
    auto rows = WithoutDamage(List(sql, std::move(params)));
    if (error_.ok()) error_ = rows.status();
    return rows;
  }

  void AtCommit(std::string_view sql, Params params) override {
    if (error_.ok()) error_ = CheckParams(params);
    deferred_.push_back({std::string(sql), std::move(params)});
  }

  // Runs the command. An error it swallowed still fails it: on PostgreSQL the transaction is lost by then.
  absl::Status Run(const Command& command) {
    const absl::Status status = Guarded([&] { return command(*this); });
    return status.ok() ? error_ : status;
  }

  bool wrote() const { return wrote_; }
  bool broken() const { return !error_.ok(); }
  std::vector<Deferred>& deferred() { return deferred_; }

 private:
  Connection& connection_;
  absl::Status error_;
  bool wrote_ = false;
  std::vector<Deferred> deferred_;
};

size_t CountSettled(std::span<const BatchEntry> batch) {
  return static_cast<size_t>(
      std::count_if(batch.begin(), batch.end(), [](const auto& entry) { return entry.settled; }));
}

void MoveInto(std::vector<Deferred>& all, std::vector<Deferred>& some) {
  for (Deferred& statement : some) all.push_back(std::move(statement));
}

absl::Status RunDeferredAndCommit(Connection& connection, Dialect dialect, const std::vector<Deferred>& deferred) {
  if (!deferred.empty() && !CommitLockSql(dialect).empty()) {
    GH_RETURN_IF_ERROR(connection.Execute(CommitLockSql(dialect), {}));
  }
  for (const Deferred& statement : deferred) {
    GH_RETURN_IF_ERROR(connection.Execute(statement.sql, statement.params));
  }
  return connection.Commit();
}

// Ends the transaction without effect. A connection that cannot even do that is lost, which ends it too.
void Rollback(Connection& connection) {
  (void)connection.Flush();
  (void)connection.Execute("ROLLBACK", {});
  (void)connection.Flush();
}

// Those that succeeded so far did not, after all; the others keep their own reasons.
void FailAll(std::span<BatchEntry> batch, const absl::Status& status) {
  for (BatchEntry& entry : batch) {
    if (!entry.settled && entry.status.ok()) entry.status = status;
  }
}

// The engine's trouble, not a command's: trying the commands one by one would only multiply the wait.
bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) || absl::IsUnknown(status);
}

void Settle(BatchEntry& entry, absl::Status status) {
  entry.status = std::move(status);
  entry.settled = true;
}

// False when the command is not to be run (any more): its caller has left.
bool Enter(BatchEntry& entry) {
  if (entry.settled) return false;
  if (entry.enter()) return true;
  const absl::Status over = entry.time.Check();
  Settle(entry, over.ok() ? absl::CancelledError("nobody waits for this write any more") : over);
  return false;
}

void RunCommand(CommandTransaction& transaction, BatchEntry& entry) {
  const base::WorkTimeScope scope(entry.time);
  entry.status = transaction.Run(*entry.command);
}

enum class Outcome { kDone, kRunAgain };

// Commits what succeeded. When that fails, entries that had succeeded carry the error, or are run again.
Outcome Finish(Connection& connection, Dialect dialect, std::span<BatchEntry> batch,
               const std::vector<Deferred>& deferred) {
  bool anything = false;
  for (const BatchEntry& entry : batch) anything = anything || (!entry.settled && entry.status.ok());
  if (!anything) {
    Rollback(connection);
    return Outcome::kDone;
  }
  const absl::Status committed = RunDeferredAndCommit(connection, dialect, deferred);
  if (committed.ok()) return Outcome::kDone;
  if (!connection.lost()) Rollback(connection);
  if (batch.size() > 1 && !connection.lost() && !IsOutage(committed)) return Outcome::kRunAgain;
  FailAll(batch, committed);
  return Outcome::kDone;
}

// The transaction is gone, with all that ran in it. When that is the end of this command's time, the others are run
// again; else the store itself is in trouble.
Outcome TransactionGone(std::span<BatchEntry> batch, BatchEntry& entry) {
  absl::Status status = entry.status;
  if (status.ok()) status = absl::UnavailableError("connection to the database lost");
  if (!entry.time.Check().ok() || !IsOutage(status)) {
    Settle(entry, status);
    return Outcome::kRunAgain;
  }
  for (BatchEntry& each : batch) {
    if (!each.settled) each.status = status;
  }
  return Outcome::kDone;
}

Outcome RunOptimistically(Connection& connection, Dialect dialect, std::span<BatchEntry> batch) {
  std::vector<Deferred> deferred;
  for (BatchEntry& entry : batch) {
    if (!Enter(entry)) continue;
    CommandTransaction transaction(connection);
    RunCommand(transaction, entry);
    entry.leave(!entry.status.ok());
    if (connection.lost()) return TransactionGone(batch, entry);
    // A refusal before anything was written (the usual one: "already decided") needs no rollback.
    const bool harmless = entry.status.ok() || (!transaction.wrote() && !transaction.broken());
    if (!harmless) {
      Rollback(connection);
      return batch.size() > 1 ? Outcome::kRunAgain : Outcome::kDone;
    }
    if (entry.status.ok()) MoveInto(deferred, transaction.deferred());
  }
  return Finish(connection, dialect, batch, deferred);
}

absl::Status RunInSavepoint(Connection& connection, BatchEntry& entry, std::vector<Deferred>& deferred) {
  GH_RETURN_IF_ERROR(connection.Execute("SAVEPOINT command", {}));
  CommandTransaction transaction(connection);
  RunCommand(transaction, entry);
  if (connection.lost() || connection.rolled_back()) return entry.status;
  {
    const base::WorkTimeScope scope(entry.time);
    const absl::Status flushed = connection.Flush();
    if (entry.status.ok()) entry.status = flushed;
  }
  if (connection.lost()) return entry.status;
  if (entry.status.ok()) {
    MoveInto(deferred, transaction.deferred());
  } else {
    GH_RETURN_IF_ERROR(connection.Execute("ROLLBACK TO SAVEPOINT command", {}));
  }
  return connection.Execute("RELEASE SAVEPOINT command", {});
}

Outcome RunWithSavepoints(Connection& connection, Dialect dialect, std::span<BatchEntry> batch) {
  std::vector<Deferred> deferred;
  for (BatchEntry& entry : batch) {
    if (!Enter(entry)) continue;
    const absl::Status status = RunInSavepoint(connection, entry, deferred);
    entry.leave(!entry.status.ok());
    if (connection.lost() || connection.rolled_back()) return TransactionGone(batch, entry);
    if (!status.ok()) {
      Rollback(connection);
      FailAll(batch, status);
      return Outcome::kDone;
    }
  }
  return Finish(connection, dialect, batch, deferred);
}

using Runner = Outcome (*)(Connection&, Dialect, std::span<BatchEntry>);

Outcome RunAs(Runner runner, Connection& connection, Dialect dialect, std::span<BatchEntry> batch) {
  for (BatchEntry& entry : batch) {
    if (!entry.settled) entry.status = absl::OkStatus();
  }
  // Its own bound (kBatchTime) ended, not that of its callers; nothing was committed.
  absl::Status ready =
      base::CheckWorkTime().ok() ? connection.Ready() : absl::UnavailableError("the store did not answer in time");
  if (ready.ok()) ready = connection.Begin();
  if (ready.ok()) return runner(connection, dialect, batch);
  FailAll(batch, ready);
  return Outcome::kDone;
}

}  // namespace

void RunBatch(Connection& connection, Dialect dialect, std::span<BatchEntry> batch) {
  // A savepoint costs SQLite next to nothing, PostgreSQL two statements.
  if (dialect == Dialect::kPostgresql && RunAs(RunOptimistically, connection, dialect, batch) == Outcome::kDone) {
    return;
  }
  // Each command that takes the transaction down with it costs the others one run.
  for (int run = 0; run < kMaxRuns; ++run) {
    const size_t settled = CountSettled(batch);
    if (RunAs(RunWithSavepoints, connection, dialect, batch) == Outcome::kDone) return;
    if (CountSettled(batch) == settled) break;  // the commit failed
  }
  for (BatchEntry& entry : batch) {
    if (!entry.settled) RunAs(RunWithSavepoints, connection, dialect, std::span(&entry, 1));
  }
}

absl::Status Guarded(const std::function<absl::Status()>& body) {
  try {
    return body();
  } catch (const DamagedCell& damage) {
    return absl::DataLossError(damage.what());
  } catch (...) {
    // What it says may quote a value.
    return absl::InternalError("a command threw an exception");
  }
}

absl::Status RunCopyIn(Connection& connection, Dialect dialect, std::string_view table,
                       const std::vector<std::string>& columns, const std::vector<Params>& rows, const Command& before,
                       const Command& after) {
  for (const Params& row : rows) GH_RETURN_IF_ERROR(CheckParams(row));
  GH_RETURN_IF_ERROR(connection.Ready());
  GH_RETURN_IF_ERROR(connection.Begin());
  CommandTransaction transaction(connection);
  const auto load = [&]() -> absl::Status {
    if (before) GH_RETURN_IF_ERROR(transaction.Run(before));
    GH_RETURN_IF_ERROR(connection.Flush());
    GH_RETURN_IF_ERROR(connection.CopyIn(table, columns, rows));
    if (after) GH_RETURN_IF_ERROR(transaction.Run(after));
    return RunDeferredAndCommit(connection, dialect, transaction.deferred());
  };
  const absl::Status status = load();
  if (!status.ok() && !connection.lost()) Rollback(connection);
  return status;
}

}  // namespace gatehouse::sql
