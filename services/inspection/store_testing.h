// The store on a backend of a test's choice, and inspections to keep in it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"
#include "services/inspection/schema.h"
#include "services/inspection/store.h"

namespace gatehouse::inspection {

class InspectionStoreTest : public ::testing::TestWithParam<gatehouse::testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, gatehouse::testing::MakeTestStore(GetParam()));
    Open();
  }

  // Opens the store anew, as a restarted process would.
  void Open() {
    intents_.reset();
    store_.reset();
    sealer_.reset();
    outbox_.reset();
    database_.reset();
    ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = test_store_->dsn()}));
    ASSERT_OK(sql::Migrate(*database_, kMigrations).status());
    ASSERT_OK_AND_ASSIGN(sealer_, seal::Sealer::Make({.database = *database_,
                                                      .random = random_,
                                                      .master_key = seal::MasterKey(std::string(32, 'k')),
                                                      .service = "inspection"}));
    outbox_ = std::make_unique<events::Outbox>(*database_);
    store_ = MakeInspectionStore(
        {.database = *database_,
         .outbox = *outbox_,
         .sealer = *sealer_,
         .clock = clock_,
         .random = random_,
         .damaged = [this](const std::string& id, const std::string& why) { damaged_.push_back(id + " " + why); },
         .wake_relay = [this] { ++wakes_; }});
    intents_ = MakeCrossingIntents(*database_, *sealer_);
  }

  Inspection Made(int number, std::string post = "NORTH-1") {
    Inspection inspection{
        .id = InspectionId("0190a8a0-0000-7000-8000-00000000000" + std::to_string(number)),
        .direction = Direction::kExit,
        .post = std::move(post),
        .conveyance = "UT123",
        .time = clock_.Now(),
        .duration = absl::Milliseconds(12),
        .identity = base::Redacted<base::Identity>({.name = {.primary = "ERIKSSON"},
                                                    .birth_date = {1974, 8, 12},
                                                    .document = {.number = "L898902C3", .issuer = "UTO"}}),
        .identity_source = IdentitySource::kChip,
        .checks = {{.id = "mrz", .status = CheckStatus::kSuccessful, .reason = "good"},
                   {.id = "chip",
                    .status = CheckStatus::kUndetermined,
                    .reason = "why",
                    .duration = absl::Milliseconds(3),
                    .data_version = "t1",
                    .data_age = absl::Hours(2)}},
        .recommendation = {.policy_version = "7", .reasons = {{"chip", "rule", "text"}}},
        .officer = "officer-1",
        .evidence = base::Redacted<std::string>("evidence"),
        .documents = base::Redacted<std::vector<base::DocumentKey>>(
            {{.number = "L898902C3", .issuer = "UTO"}, {.number = "PRINTED1", .issuer = "UTO"}}),
    };
    return inspection;
  }

  Inspection Create(int number, std::string post = "NORTH-1") {
    Inspection inspection = Made(number, std::move(post));
    EXPECT_OK(store_->Create({.id = "r" + std::to_string(number)}, inspection).status());
    return inspection;
  }

  absl::StatusOr<Inspection> Decide(const InspectionId& id, Outcome outcome) {
    const auto rule = [&](const Inspection&) -> absl::StatusOr<std::optional<Decision>> {
      return Decision{.outcome = outcome, .reason_code = "CODE", .officer = "officer-1", .time = clock_.Now()};
    };
    GH_ASSIGN_OR_RETURN(Decided decided, store_->Decide(id, {}, rule));
    return std::move(decided.inspection);
  }

  // What a disk or a hand may leave behind.
  void Damage(const std::string& sql) {
    ASSERT_OK(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(sql); }));
  }

  std::unique_ptr<gatehouse::testing::TestStore> test_store_;
  gatehouse::testing::FakeClock clock_;
  gatehouse::testing::SeededRandom random_{5};
  std::atomic<int> wakes_ = 0;
  std::vector<std::string> damaged_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<InspectionStore> store_;
  std::unique_ptr<CrossingIntents> intents_;
};

}  // namespace gatehouse::inspection
