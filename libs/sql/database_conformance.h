// What every driver promises (sql.h), as tests over a store of either kind. Instantiated in sql_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "libs/sql/sql.h"
#include "libs/testing/test_store.h"

namespace gatehouse::sql {

class DatabaseConformance : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override;

  // Opens (again) what the test's store holds.
  absl::StatusOr<std::unique_ptr<Database>> OpenStore(int batch_wait_us = 0) const;
  // The single integer a query answers.
  int64_t Count(const std::string& sql, Params params = {}) const;

  std::unique_ptr<testing::TestStore> store_;
  std::unique_ptr<Database> database_;  // with a table thing(id TEXT PRIMARY KEY, number BIGINT)
};

// What migrate.h promises, likewise.
class MigrationConformance : public DatabaseConformance {};

}  // namespace gatehouse::sql
