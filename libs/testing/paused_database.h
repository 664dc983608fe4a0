// A replica that is slow between the last statement of its first command and the commit: what others do meanwhile, a
// test says. Only for stores with more than one writer (PostgreSQL).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/sql/sql.h"

namespace gatehouse::testing {

class PausedDatabase final : public sql::Database {
 public:
  // `meanwhile` runs once, on the writer thread of `database`, which must outlive this.
  PausedDatabase(sql::Database& database, std::function<void()> meanwhile)
      : database_(database), meanwhile_(std::move(meanwhile)) {}

  absl::Status Write(sql::Command command) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(command(transaction));
      // What is in the pipeline has run on the server once this is answered.
      GH_RETURN_IF_ERROR(transaction.Query("SELECT 1").status());
      if (meanwhile_) std::exchange(meanwhile_, nullptr)();
      return absl::OkStatus();
    });
  }

  sql::Dialect dialect() const override { return database_.dialect(); }
  absl::StatusOr<std::vector<sql::Row>> Query(std::string_view sql, sql::Params params) override {
    return database_.Query(sql, std::move(params));
  }
  absl::StatusOr<std::vector<sql::Row>> List(std::string_view sql, sql::Params params) override {
    return database_.List(sql, std::move(params));
  }
  absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                      const std::vector<sql::Params>& rows, sql::Command before, sql::Command after) override {
    return database_.CopyIn(table, columns, rows, std::move(before), std::move(after));
  }
  absl::StatusOr<std::unique_ptr<sql::Lease>> TryLead(std::string_view name) override {
    return database_.TryLead(name);
  }
  absl::Status Ping() override { return database_.Ping(); }

 private:
  sql::Database& database_;
  std::function<void()> meanwhile_;
};

}  // namespace gatehouse::testing
