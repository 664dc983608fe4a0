// What a process answers whose store does not give it the newest edition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {
namespace {

using ::testing::HasSubstr;

// Holds one base; refuses what it is told to refuse. Nothing is written to it.
class OneBaseStore final : public BaseStore {
 public:
  explicit OneBaseStore(base::Clock& clock) : clock_(clock) {}

  absl::StatusOr<std::vector<BaseHead>> Heads() override {
    if (!heads.ok()) return heads;
    return std::vector<BaseHead>{{.base = "stolen",
                                  .import_number = edition,
                                  .version_id = std::string(1, static_cast<char>('a' + edition)),
                                  .holds_persons = false}};
  }
  absl::StatusOr<StoredBase> Load(const BaseHead& head) override {
    if (!load.ok()) return load;
    StoredBase stored;
    stored.content.base = "stolen";
    stored.content.version = head.version_id;
    stored.content.published = absl::FormatCivilTime(absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone()));
    stored.content.imported_at = clock_.Now();
    stored.content.documents.push_back(
        {.record_id = "D1", .document = {.number = "A7654321", .issuer = "UTO", .type = "P"}});
    stored.import_number = head.import_number;
    return stored;
  }
  absl::Status Save(const StoredBase&, int64_t, const StagedImport*, const RequestKey&) override { return kNone; }
  absl::Status Stage(const StagedImport&, const SnapshotContent&, const RequestKey&) override { return kNone; }
  absl::Status UpdateStaged(const StagedImport&, const RequestKey&) override { return kNone; }
  absl::StatusOr<StagedImport> FindStaged(const std::string&) override { return kNone; }
  absl::StatusOr<SnapshotContent> LoadStaged(const std::string&) override { return kNone; }
  absl::StatusOr<std::vector<StagedImport>> ListStaged() override { return kNone; }
  absl::Status AddWord(const BaseHead&, const Word&, const RequestKey&) override { return kNone; }
  absl::StatusOr<std::optional<std::string>> FindAnswer(const RequestKey&) override { return kNone; }

  int64_t edition = 1;
  absl::Status heads;
  absl::Status load;

 private:
  const absl::Status kNone = absl::UnimplementedError("read only");
  base::Clock& clock_;
};

class RefreshTest : public ::testing::Test {
 protected:
  BaseAnswer Ask() {
    Query query;
    query.document = DocumentQuery{"X1234567", "UTO", "P"};
    return watchlist_.Screen(query, false).at(0);
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  testing::SeededRandom random_{1};
  OneBaseStore store_{clock_};
  Watchlist watchlist_{{.store = store_, .clock = clock_, .random = random_}};
};

TEST_F(RefreshTest, AnOlderEditionClearsNobodyWhileTheNewestCannotBeLoaded) {
  ASSERT_TRUE(watchlist_.Refresh().ok());
  ASSERT_EQ(Ask().status, BaseStatus::kNoHit);
  store_.edition = 2;
  for (const absl::Status& passing : {absl::DeadlineExceededError("slow"), absl::UnavailableError("away")}) {
    store_.load = passing;
    EXPECT_EQ(watchlist_.Refresh(), passing);
    EXPECT_EQ(Ask().status, BaseStatus::kError);
    EXPECT_THAT(Ask().reason, HasSubstr("its newest edition is not loaded"));
  }
  store_.load = absl::OkStatus();
  ASSERT_TRUE(watchlist_.Refresh().ok());
  EXPECT_EQ(Ask().status, BaseStatus::kNoHit);
  EXPECT_EQ(Ask().version, "c");
}

TEST_F(RefreshTest, AStoreThatIsSilentForLongLeavesNoBaseThatClears) {
  ASSERT_TRUE(watchlist_.Refresh().ok());
  store_.heads = absl::UnavailableError("the store is away");
  clock_.Advance(Watchlist::kMaxUnasked - absl::Seconds(1));
  EXPECT_FALSE(watchlist_.Refresh().ok());
  EXPECT_EQ(Ask().status, BaseStatus::kNoHit) << "a moment is no reason";
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(watchlist_.Refresh().ok());
  EXPECT_EQ(Ask().status, BaseStatus::kError);
  EXPECT_THAT(Ask().reason, HasSubstr("the store is away"));
  store_.heads = absl::OkStatus();
  ASSERT_TRUE(watchlist_.Refresh().ok());
  EXPECT_EQ(Ask().status, BaseStatus::kNoHit);
}

// Imported while the clock was ahead: no year of freshness comes of it.
TEST_F(RefreshTest, AConfirmationThatIsYetToComeIsNoAge) {
  ASSERT_TRUE(watchlist_.Refresh().ok());
  clock_.Advance(-kMaxClockError - absl::Seconds(1));
  EXPECT_EQ(Ask().status, BaseStatus::kStale);
  EXPECT_EQ(watchlist_.Bases().at(0).freshness, Freshness::kStale);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask().status, BaseStatus::kNoHit);
}

}  // namespace
}  // namespace gatehouse::watchlist
