#include "libs/testing/test_store.h"

#include "libs/testing/servers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::testing {
namespace {

class SqliteTestStore : public TestStore {
 public:
  std::string dsn() const override { return "sqlite:" + folder_.File("store.db"); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TestStore>> MakeTestStore(StoreKind kind) {
  if (kind == StoreKind::kSqlite) return std::make_unique<SqliteTestStore>();
  return absl::UnavailableError("PostgreSQL: not yet");
}

std::string StoreKindName(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kSqlite ? "Sqlite" : "Postgresql";
}

}  // namespace gatehouse::testing
