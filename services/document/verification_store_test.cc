// Challenges and documents seen before, on both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"
#include "services/document/challenge_store.h"
#include "services/document/challenges.h"
#include "services/document/presented_convert.h"
#include "services/document/schema.h"
#include "services/document/seen_store.h"

namespace gatehouse::document {
namespace {

using ::gatehouse::testing::IsOk;

class VerificationStoreTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, testing::MakeTestStore(GetParam()));
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = test_store_->dsn()});
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    ASSERT_THAT(sql::Migrate(*database_, Migrations()), IsOk());
  }

  testing::FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())};
  testing::SeededRandom random_{1};
  std::unique_ptr<testing::TestStore> test_store_;
  std::unique_ptr<sql::Database> database_;
};

TEST_P(VerificationStoreTest, AChallengeIsGoodOnceAndOnlyForAWhile) {
  const auto repository = MakeChallengeRepository(*database_);
  Challenges challenges({.repository = *repository, .clock = clock_, .random = random_});
  const auto issued = challenges.Issue();
  ASSERT_THAT(issued, IsOk());
  EXPECT_EQ(issued->bytes.size(), kChallengeBytes);
  // Another replica that shares the store.
  Challenges replica({.repository = *repository, .clock = clock_, .random = random_});
  const auto taken = replica.Consume(issued->id);
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(*taken, issued->bytes);
  EXPECT_EQ(*challenges.Consume(issued->id), std::nullopt) << "used before";
  EXPECT_EQ(*challenges.Consume("00112233"), std::nullopt) << "never issued";

  const auto late = challenges.Issue();
  ASSERT_THAT(late, IsOk());
  clock_.Advance(kChallengeLifetime);
  EXPECT_EQ(*challenges.Consume(late->id), std::nullopt) << "expired";
}

// What a caller says of a challenge counts in a replay only, and then for an answer that names one.
TEST_P(VerificationStoreTest, AChallengeIsBelievedInAReplayAlone) {
  const auto repository = MakeChallengeRepository(*database_);
  Challenges challenges({.repository = *repository, .clock = clock_, .random = random_});
  const auto issued = challenges.Issue();
  ASSERT_THAT(issued, IsOk());
  v1::VerifyRequest request;
  v1::ActiveAuthenticationAnswer& answer = *request.mutable_document()->mutable_active_authentication();
  answer.set_challenge_id(issued->id);
  answer.set_challenge("answered");
  const auto found = [&] {
    std::string octets;
    Presented presented = *FromProto(request.document());
    FindChallenge(request, challenges, presented, octets);
    const emrtd::ActiveAuthenticationAnswer& read = *presented.active_authentication;
    return std::pair(read.origin, std::string(pki::AsText(read.challenge)));
  };
  request.set_replay(true);
  EXPECT_EQ(found(), std::pair(emrtd::ChallengeOrigin::kIssued, std::string("answered")));
  request.set_replay(false);
  EXPECT_EQ(found(), std::pair(emrtd::ChallengeOrigin::kIssued, issued->bytes)) << "the replay consumed nothing";
  EXPECT_EQ(found().first, emrtd::ChallengeOrigin::kNotKnown) << "used before";
  answer.clear_challenge_id();
  EXPECT_EQ(found().first, emrtd::ChallengeOrigin::kReader);
  request.set_replay(true);
  EXPECT_EQ(found().first, emrtd::ChallengeOrigin::kReader) << "a replay makes no challenge ours";
}

TEST_P(VerificationStoreTest, DocumentsLikeItAreRememberedByKeyedHashOnly) {
  const auto sealer = seal::Sealer::Make({.database = *database_,
                                          .random = random_,
                                          .master_key = seal::MasterKey(std::string(32, 'k')),
                                          .service = "document",
                                          .clock = clock_});
  ASSERT_THAT(sealer, IsOk());
  const auto seen = MakeSeenStore({.database = *database_, .sealer = **sealer, .retention = absl::Hours(24)});
  const Sighting first{.number = "UTO/L898902C3",
                       .security_object = "sod-1",
                       .chip_key = "key-1",
                       .portrait = "face-1",
                       .post = "A-1",
                       .time = clock_.Now()};
  ASSERT_THAT(seen->LookUpAndRemember(first), IsOk());
  ASSERT_THAT(seen->Flush(clock_.Now()), IsOk());
  EXPECT_TRUE(seen->LookUpAndRemember(first)->empty()) << "the same at the same post is nothing to tell";

  const auto likenesses = [&](Sighting sighting) {
    std::vector<std::string> words;
    const absl::StatusOr<std::vector<SeenBefore>> found = seen->LookUpAndRemember(sighting);
    EXPECT_THAT(found, IsOk());
    for (const SeenBefore& one : found.value_or(std::vector<SeenBefore>())) words.emplace_back(ToWord(one.likeness));
    return words;
  };
  Sighting other = first;
  other.security_object = "sod-2";
  EXPECT_THAT(likenesses(other), ::testing::ElementsAre("same_number_other_security_object"));
  other = first;
  other.post = "B-2";
  EXPECT_THAT(likenesses(other), ::testing::ElementsAre("same_document_other_post"));
  other = {.number = "UTO/X1", .security_object = "sod-3", .chip_key = "key-1", .portrait = "face-2"};
  other.time = clock_.Now();
  EXPECT_THAT(likenesses(other), ::testing::ElementsAre("same_chip_key_other_number"));
  other.chip_key = "key-9";
  other.portrait = "face-1";
  EXPECT_THAT(likenesses(other), ::testing::ElementsAre("same_data_other_number"));

  const auto rows = database_->Query("SELECT number_hash FROM document_seen");
  ASSERT_THAT(rows, IsOk());
  for (const sql::Row& row : *rows) EXPECT_EQ(row.Bytes(0).find("L898902C3"), std::string::npos);

  clock_.Advance(absl::Hours(48));
  ASSERT_THAT(seen->Prune(clock_.Now()), IsOk());
  EXPECT_TRUE(database_
                  ->Query("SELECT post FROM document_seen WHERE seen_time < ?",
                          {absl::ToUnixMicros(clock_.Now() - absl::Hours(24))})
                  ->empty());
}

class SeenStoreTest : public VerificationStoreTest {
 protected:
  void SetUp() override {
    VerificationStoreTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto sealer = seal::Sealer::Make({.database = *database_,
                                      .random = random_,
                                      .master_key = seal::MasterKey(std::string(32, 'k')),
                                      .service = "document",
                                      .clock = clock_});
    ASSERT_THAT(sealer, IsOk());
    sealer_ = *std::move(sealer);
    seen_ = MakeSeenStore({.database = *database_, .sealer = *sealer_, .retention = absl::Hours(24)});
  }
  void Remember(const std::string& number, absl::Time time, const std::string& by = "gate-1") {
    ASSERT_THAT(seen_->LookUpAndRemember({.number = number, .post = "A-1", .by = by, .time = time}), IsOk());
  }
  std::vector<absl::Time> Times() {
    std::vector<absl::Time> times;
    const auto rows = database_->Query("SELECT seen_time FROM document_seen ORDER BY seen_time");
    EXPECT_THAT(rows, IsOk());
    for (const sql::Row& row : *rows) times.push_back(absl::FromUnixMicros(row.Int(0)));
    return times;
  }
  void Execute(const std::string& sql) {
    ASSERT_THAT(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(sql); }), IsOk());
  }

  std::shared_ptr<const seal::Sealer> sealer_;
  std::unique_ptr<SeenStore> seen_;
};

TEST_P(SeenStoreTest, ATimeNeverGoesBackNorBeyondNow) {
  const absl::Time now = clock_.Now();
  Remember("UTO/1", now);
  ASSERT_THAT(seen_->Flush(now), IsOk());
  Remember("UTO/1", now - absl::Hours(3));
  ASSERT_THAT(seen_->Flush(now), IsOk());
  EXPECT_THAT(Times(), ::testing::ElementsAre(now)) << "an earlier sighting takes nothing back";
  Remember("UTO/1", now + absl::Hours(100));
  ASSERT_THAT(seen_->Flush(now + absl::Seconds(1)), IsOk());
  EXPECT_THAT(Times(), ::testing::ElementsAre(now + absl::Seconds(1)));
  // A clock that was ahead has left a row; it is put right by the next sighting.
  Remember("UTO/1", now + absl::Hours(100));
  ASSERT_THAT(seen_->Flush(now + absl::Hours(100)), IsOk());
  Remember("UTO/1", now + absl::Minutes(1));
  ASSERT_THAT(seen_->Flush(now + absl::Minutes(1)), IsOk());
  EXPECT_THAT(Times(), ::testing::ElementsAre(now + absl::Minutes(1)));
}

TEST_P(SeenStoreTest, WhoSaysWhereStandsBesideIt) {
  Remember("UTO/1", clock_.Now(), "gate-1");
  Remember("UTO/1", clock_.Now(), "gate-2");
  ASSERT_THAT(seen_->Flush(clock_.Now()), IsOk());
  EXPECT_EQ(Times().size(), 2u) << "nobody writes on another's line";
  const auto seen = seen_->LookUpAndRemember({.number = "UTO/1", .post = "B-2", .by = "gate-3", .time = clock_.Now()});
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_THAT(seen->front().by, ::testing::AnyOf("gate-1", "gate-2"));
  EXPECT_THAT(SeenCheck(&seen).detail, ::testing::HasSubstr("said by gate-"));
}

TEST_P(SeenStoreTest, WhatCouldNotBeWrittenWaits) {
  Remember("UTO/1", clock_.Now());
  Execute("ALTER TABLE document_seen RENAME TO document_seen_away");
  const absl::Status failed = seen_->Flush(clock_.Now());
  EXPECT_FALSE(failed.ok());
  EXPECT_NE(failed.message().find("1 sightings wait"), std::string::npos) << failed;
  Execute("ALTER TABLE document_seen_away RENAME TO document_seen");
  ASSERT_THAT(seen_->Flush(clock_.Now()), IsOk());
  EXPECT_EQ(Times().size(), 1u);
}

TEST_P(SeenStoreTest, WhatIsPastItsTimeGoesInBoundedRounds) {
  constexpr int kOld = kMaxPrunedSightings * 2 + 10;
  for (int i = 0; i < kOld; ++i) Remember("UTO/" + std::to_string(i), clock_.Now() + absl::Microseconds(i));
  ASSERT_THAT(seen_->Flush(clock_.Now() + absl::Seconds(1)), IsOk());
  clock_.Advance(absl::Hours(25));
  Remember("UTO/new", clock_.Now());
  ASSERT_THAT(seen_->Flush(clock_.Now()), IsOk());
  size_t left = Times().size();
  ASSERT_EQ(left, size_t{kOld} + 1);
  for (int round = 0; round < 3; ++round) {
    ASSERT_THAT(seen_->Prune(clock_.Now()), IsOk());
    const size_t now = Times().size();
    EXPECT_LT(now, left);
    EXPECT_LE(left - now, size_t{kMaxPrunedSightings} + 1);
    left = now;
  }
  EXPECT_EQ(left, 1u);
}

INSTANTIATE_TEST_SUITE_P(Stores, SeenStoreTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);
INSTANTIATE_TEST_SUITE_P(Stores, VerificationStoreTest, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::document
