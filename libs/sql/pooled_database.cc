#include "libs/sql/pooled_database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/sql/batch.h"
#include "libs/sql/call_time.h"
#include "libs/sql/dialect.h"
#include "libs/sql/migrate.h"

namespace gatehouse::sql {
namespace {

absl::StatusOr<std::vector<Row>> QueryOn(Connection& connection, std::string_view sql, const Params& params) {
  GH_RETURN_IF_ERROR(connection.Ready());
  auto rows = connection.Query(sql, params);
  // The server may have restarted while the connection lay in the pool; a read can be asked again. Not when the time
  // is over: then it was closed for that.
  if (!connection.lost() || !absl::IsUnavailable(rows.status())) return rows;
  GH_RETURN_IF_ERROR(connection.Ready());
  return connection.Query(sql, params);
}

}  // namespace

PooledDatabase::PooledDatabase(std::unique_ptr<Driver> driver, const Options& options)
    : driver_(std::move(driver)), writer_(driver_->WriteConnection(), driver_->dialect(), options.batch_wait_us) {
  for (int i = 0; i < std::max(1, options.read_connections); ++i) {
    auto connection = driver_->ReadConnection();
    if (connection == nullptr) break;
    idle_readers_.push_back(std::move(connection));
    pooled_ = true;
  }
  if (pooled_) health_reader_ = driver_->ReadConnection();
}

absl::Status PooledDatabase::Write(Command command) { return writer_.Write(std::move(command)); }

absl::StatusOr<std::vector<Row>> PooledDatabase::Query(std::string_view sql, Params params) {
  return WithoutDamage(List(sql, std::move(params)));
}

absl::StatusOr<std::vector<Row>> PooledDatabase::List(std::string_view sql, Params params) {
  // Inside a command this would miss the batch's own writes, and in memory wait for itself.
  if (writer_.OnWriterThread()) return absl::InternalError("a command asked the database: it has its Transaction");
  GH_RETURN_IF_ERROR(CheckParams(params));
  const base::WorkTime time = CallTime();
  GH_RETURN_IF_ERROR(time.Check());
  const base::WorkTimeScope scope(time);
  if (!pooled_) {
    absl::StatusOr<std::vector<Row>> rows;
    const absl::Status ran = writer_.WithConnection([&](Connection& connection) {
      rows = QueryOn(connection, sql, params);
      return rows.status();
    });
    GH_RETURN_IF_ERROR(ran);
    return rows;
  }
  GH_ASSIGN_OR_RETURN(auto connection, Borrow(time));
  auto rows = QueryOn(*connection, sql, params);
  Return(std::move(connection));
  return rows;
}

absl::Status PooledDatabase::CopyIn(std::string_view table, const std::vector<std::string>& columns,
                                    const std::vector<Params>& rows, Command before, Command after) {
  const auto load = [&](Connection& connection) {
    return RunCopyIn(connection, dialect(), table, columns, rows, before, after);
  };
  if (!driver_->many_writers()) return writer_.WithConnection(load);
  const base::WorkTimeScope scope(CallTime());
  // Bulk loads are rare and long: a session each, so that the line's writes go on meanwhile.
  return load(*driver_->WriteConnection());
}

absl::Status PooledDatabase::Ping() {
  const base::WorkTimeScope scope(base::WorkTime::In(kPingTime));
  GH_RETURN_IF_ERROR(PingReading());
  return writer_.Health([](Transaction& transaction) { return transaction.Execute(kWriteProbeSql); });
}

absl::Status PooledDatabase::PingReading() {
  const bool sqlite = dialect() == Dialect::kSqlite;
  const char* const question = sqlite ? "SELECT 1 FROM sqlite_master LIMIT 1" : "SELECT 1";
  if (!pooled_) return List(question, {}).status();
  std::unique_lock lock(mutex_);
  const auto free = [this] { return health_reader_ != nullptr; };
  if (!WaitWithin(base::CurrentWorkTime(), health_returned_, lock, free)) {
    return absl::UnavailableError("the store does not answer another question about its health");
  }
  auto connection = std::move(health_reader_);
  lock.unlock();
  const absl::Status status = QueryOn(*connection, question, {}).status();
  lock.lock();
  health_reader_ = std::move(connection);
  health_returned_.notify_one();
  if (!absl::IsDeadlineExceeded(status)) return status;
  return absl::UnavailableError(absl::StrCat("the store did not answer within ", absl::FormatDuration(kPingTime)));
}

absl::StatusOr<std::unique_ptr<Connection>> PooledDatabase::Borrow(const base::WorkTime& time) {
  std::unique_lock lock(mutex_);
  if (!WaitWithin(time, returned_, lock, [this] { return !idle_readers_.empty(); })) return time.Check();
  auto connection = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return connection;
}

void PooledDatabase::Return(std::unique_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  idle_readers_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace gatehouse::sql
