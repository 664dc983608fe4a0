#include <mutex>
#include <utility>

#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/sql/connection.h"
#include "libs/sql/postgresql_connection.h"

namespace gatehouse::sql {
namespace {

// A server that does not answer a question for the lease in this time does not answer at all.
constexpr absl::Duration kLeaseTime = absl::Seconds(5);

// A session-level advisory lock on a connection of its own: the server drops it with the session.
class SessionLease : public Lease {
 public:
  explicit SessionLease(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  bool Held() override {
    const base::WorkTimeScope scope(base::WorkTime::In(kLeaseTime));
    return !connection_->lost() && connection_->Query("SELECT 1", {}).ok();
  }

 private:
  const std::unique_ptr<Connection> connection_;
};

class PostgresqlDriver : public Driver {
 public:
  explicit PostgresqlDriver(std::string dsn) : dsn_(std::move(dsn)) {}

  Dialect dialect() const override { return Dialect::kPostgresql; }
  std::unique_ptr<Connection> WriteConnection() override {
    return std::make_unique<PostgresqlConnection>(dsn_, PostgresqlConnection::Mode::kReadWrite);
  }
  std::unique_ptr<Connection> ReadConnection() override {
    return std::make_unique<PostgresqlConnection>(dsn_, PostgresqlConnection::Mode::kReadOnly);
  }
  bool many_writers() const override { return true; }

  absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) override {
    std::lock_guard lock(mutex_);
    const base::WorkTimeScope scope(base::WorkTime::In(kLeaseTime));
    // A follower asks again and again: it keeps its session for that.
    if (candidate_ == nullptr) candidate_ = WriteConnection();
    GH_RETURN_IF_ERROR(candidate_->Ready());
    GH_ASSIGN_OR_RETURN(const auto rows, candidate_->Query("SELECT pg_try_advisory_lock(hashtextextended("
                                                           "'gatehouse.lead.' || current_schema() || '.' || ?, 0))",
                                                           {std::string(name)}));
    if (rows.front().Int(0) == 0) return absl::UnavailableError("another process leads");
    return std::make_unique<SessionLease>(std::move(candidate_));
  }

 private:
  const std::string dsn_;
  std::mutex mutex_;
  std::unique_ptr<Connection> candidate_;
};

}  // namespace

std::unique_ptr<Driver> MakePostgresqlDriver(std::string dsn) {
  return std::make_unique<PostgresqlDriver>(std::move(dsn));
}

}  // namespace gatehouse::sql
