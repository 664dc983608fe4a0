// The store on a backend, with a register on it, for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"
#include "services/traveller/register.h"
#include "services/traveller/schema.h"
#include "services/traveller/store.h"
#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {

class StoreTest : public ::testing::TestWithParam<gatehouse::testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, gatehouse::testing::MakeTestStore(GetParam()));
    Open();
  }

  // Opens the store anew, as a restarted process would.
  void Open() {
    register_.reset();
    store_.reset();
    sealer_.reset();
    outbox_.reset();
    database_.reset();
    ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = test_store_->dsn()}));
    ASSERT_OK(sql::Migrate(*database_, kMigrations).status());
    ASSERT_OK_AND_ASSIGN(sealer_, seal::Sealer::Make({.database = *database_,
                                                      .random = random_,
                                                      .master_key = seal::MasterKey(std::string(32, 'k')),
                                                      .service = "traveller"}));
    outbox_ = std::make_unique<events::Outbox>(*database_);
    store_ = MakeStore({.database = *database_,
                        .outbox = *outbox_,
                        .sealer = *sealer_,
                        .clock = clock_,
                        .random = random_,
                        .wake_relay = [this] { ++wakes_; },
                        .conditions = *conditions_});
    register_ = std::make_unique<Register>(Register::Deps{.store = *store_, .clock = clock_, .random = random_});
  }

  absl::StatusOr<Recorded> Record(std::string request_id, const Passage& passage) {
    return register_->Record(RequestOf(std::move(request_id), passage), passage);
  }
  absl::StatusOr<Erasure> Erase(const PersonId& person, const std::string& request_id = "e1") {
    return register_->Erase({.request = {.id = request_id, .digest = person.value()},
                             .person = person,
                             .reason = ErasureReason::kCourtOrder,
                             .case_reference = "AZ-7/2026",
                             .officer = "data.protection"});
  }
  void Execute(std::string_view statement, sql::Params params = {}) {
    ASSERT_OK(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(statement, params); }));
  }
  int64_t Count(const std::string& what) {
    const auto rows = database_->Query("SELECT COUNT(*) FROM " + what);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? (*rows)[0].Int(0) : -1;
  }

  std::unique_ptr<gatehouse::testing::TestStore> test_store_;
  gatehouse::testing::FakeClock clock_;
  gatehouse::testing::SeededRandom random_{11};
  std::atomic<int> wakes_ = 0;
  std::unique_ptr<observe::Metrics> metrics_ = observe::Metrics::Make();
  std::unique_ptr<observe::Conditions> conditions_ = observe::Conditions::Make(*metrics_, clock_);
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<CrossingStore> store_;
  std::unique_ptr<Register> register_;
};

}  // namespace gatehouse::traveller
