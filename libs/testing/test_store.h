// A fresh, empty store for one test, on either engine: what the conformance suites of sql, events and the services'
// stores are instantiated over.
//   class StoreTest : public ::testing::TestWithParam<testing::StoreKind> {
//     void SetUp() override { GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam())); } ...
//   INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/sql/sql.h"

namespace gatehouse::testing {

enum class StoreKind { kSqlite, kPostgresql };
inline constexpr StoreKind kAllStoreKinds[] = {StoreKind::kSqlite, StoreKind::kPostgresql};

// Removed with everything in it on destruction; databases opened on it must be closed by then.
class TestStore {
 public:
  virtual ~TestStore() = default;
  // For sql::Options::dsn. May be opened again and again.
  virtual std::string dsn() const = 0;
};

// UNAVAILABLE with the reason when there is no server to be had.
absl::StatusOr<std::unique_ptr<TestStore>> MakeTestStore(StoreKind kind);

// "Sqlite", "Postgresql": the name of the instance in test names.
std::string StoreKindName(const ::testing::TestParamInfo<StoreKind>& info);

}  // namespace gatehouse::testing
