// The Database over any driver: one writer, a pool of read connections, bulk loads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "libs/base/deadline.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"
#include "libs/sql/writer.h"

namespace gatehouse::sql {

class PooledDatabase : public Database {
 public:
  PooledDatabase(std::unique_ptr<Driver> driver, const Options& options);

  Dialect dialect() const override { return driver_->dialect(); }
  absl::Status Write(Command command) override;
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, Params params) override;
  absl::StatusOr<std::vector<Row>> List(std::string_view sql, Params params) override;
  absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns, const std::vector<Params>& rows,
                      Command before, Command after) override;
  absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) override { return driver_->TryLead(name); }
  absl::Status Ping() override;

 private:
  absl::StatusOr<std::unique_ptr<Connection>> Borrow(const base::WorkTime& time);
  absl::Status PingReading();
  void Return(std::unique_ptr<Connection> connection);

  const std::unique_ptr<Driver> driver_;
  Writer writer_;
  std::mutex mutex_;
  std::condition_variable returned_;  // to the pool
  std::condition_variable health_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  bool pooled_ = false;
  std::unique_ptr<Connection> health_reader_;  // null: none, or a Ping has it
};

}  // namespace gatehouse::sql
