#include <thread>

#include "libs/sql/database_conformance.h"
#include "libs/sql/migrate.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::sql {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

constexpr Migration kFirst = {.version = 1,
                              .min_reader = 1,
                              .name = "places",
                              .sql =
                                  "-- Where things are; a comment; with semicolons;\n"
                                  "CREATE TABLE place (id TEXT PRIMARY KEY, name TEXT NOT NULL);\n"
                                  "CREATE INDEX place_name ON place (name);\n"};
constexpr Migration kSecond = {
    .version = 2, .min_reader = 1, .name = "height", .sql = "ALTER TABLE place ADD COLUMN height BIGINT;\n"};
constexpr Migration kContract = {.version = 3,
                                 .min_reader = 3,
                                 .name = "no index",
                                 .sql = "DROP INDEX place_name;\nINSERT INTO place (id, name) VALUES ('1', 'a;b');\n"};
constexpr Migration kBroken = {.version = 2,
                               .min_reader = 1,
                               .name = "broken",
                               .sql = "CREATE TABLE half (id BIGINT);\nALTER TABLE nothing ADD COLUMN x BIGINT;\n"};

}  // namespace

TEST_P(MigrationConformance, MigratesFreshAndBehindStores) {
  EXPECT_EQ(ReadSchema(*database_)->version, 0);
  EXPECT_THAT(CheckSchema(*database_, std::vector{kFirst}), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Migrate(*database_, std::vector{kFirst})->version, 1);
  ASSERT_OK_AND_ASSIGN(const SchemaState state, Migrate(*database_, std::vector{kFirst, kSecond, kContract}));
  EXPECT_EQ(state.version, 3);
  EXPECT_EQ(state.min_reader, 3);
  EXPECT_EQ(ReadSchema(*database_)->version, 3);
  EXPECT_OK(CheckSchema(*database_, std::vector{kFirst, kSecond, kContract}));
  EXPECT_EQ(Count("SELECT COUNT(height) + COUNT(*) FROM place"), 1);
}

TEST_P(MigrationConformance, AnOlderProgramWorksUntilTheSchemaContracts) {
  ASSERT_OK(Migrate(*database_, std::vector{kFirst, kSecond}));
  EXPECT_OK(CheckSchema(*database_, std::vector{kFirst}));
  EXPECT_EQ(Migrate(*database_, std::vector{kFirst})->version, 2);
  ASSERT_OK(Migrate(*database_, std::vector{kFirst, kSecond, kContract}));
  EXPECT_THAT(CheckSchema(*database_, std::vector{kFirst, kSecond}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("needs a program that knows version 3")));
  EXPECT_THAT(Migrate(*database_, std::vector{kFirst, kSecond}), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(MigrationConformance, AFailedMigrationLeavesNoHalf) {
  EXPECT_THAT(Migrate(*database_, std::vector{kFirst, kBroken}), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(ReadSchema(*database_)->version, 1);
  EXPECT_THAT(database_->Query("SELECT id FROM half"), Not(IsOk()));
  EXPECT_THAT(Migrate(*database_, std::vector{kFirst, kSecond}), IsOk());
}

// A text that was edited in place: its number says that nothing is missing, and its tables are others.
TEST_P(MigrationConformance, AStoreThatWasMadeByAnotherTextIsRefusedByName) {
  ASSERT_OK(Migrate(*database_, std::vector{kFirst, kSecond}));
  Migration edited = kFirst;
  edited.sql = "CREATE TABLE place (id TEXT PRIMARY KEY, name TEXT NOT NULL, floor BIGINT);\n";
  const auto refused =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("schema version 1 (places) is not the one of this"));
  EXPECT_THAT(CheckSchema(*database_, std::vector{edited, kSecond}), refused);
  EXPECT_THAT(Migrate(*database_, std::vector{edited, kSecond}), refused);
  EXPECT_THAT(Migrate(*database_, std::vector{edited, kSecond, kContract}), refused) << "nothing is built on it";
  EXPECT_EQ(ReadSchema(*database_)->version, 2);
  EXPECT_OK(CheckSchema(*database_, std::vector{kFirst, kSecond}));
}

TEST_P(MigrationConformance, AStoreThatKeepsNoDigestIsRefusedByName) {
  ASSERT_OK(database_->Write([](Transaction& transaction) -> absl::Status {
    const absl::Status made = transaction.Execute(
        "CREATE TABLE gatehouse_schema (version BIGINT PRIMARY KEY, min_reader BIGINT NOT NULL, name TEXT NOT NULL)");
    return made.ok() ? transaction.Execute("INSERT INTO gatehouse_schema VALUES (1, 1, 'places')") : made;
  }));
  const auto refused =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("made by an earlier, unreleased build"));
  EXPECT_THAT(CheckSchema(*database_, std::vector{kFirst}), refused);
  EXPECT_THAT(Migrate(*database_, std::vector{kFirst, kSecond}), refused);
  EXPECT_EQ(ReadSchema(*database_)->version, 1);
}

TEST_P(MigrationConformance, MigratorsMayStartTogether) {
  std::vector<std::unique_ptr<Database>> replicas;
  if (GetParam() == testing::StoreKind::kPostgresql) {
    for (int i = 0; i < 3; ++i) {
      ASSERT_OK_AND_ASSIGN(auto replica, OpenStore());
      replicas.push_back(std::move(replica));
    }
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Database& mine = replicas.empty() ? *database_ : *replicas[i % replicas.size()];
      EXPECT_THAT(Migrate(mine, std::vector{kFirst, kSecond, kContract}), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM gatehouse_schema"), 3);
}

}  // namespace gatehouse::sql
