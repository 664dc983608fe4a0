// What a process answers whose store does not give it the newest edition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "libs/base/deadline.h"
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

  absl::StatusOr<BaseHeads> Heads() override {
    if (!heads.ok()) return heads;
    if (meanwhile) meanwhile();
    return BaseHeads{.heads = {{.base = "stolen",
                                .import_number = edition,
                                .version_id = std::string(1, static_cast<char>('a' + edition)),
                                .holds_persons = false}},
                     .partial = partial};
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
  absl::Status partial;
  absl::Status load;
  std::function<void()> meanwhile;  // while the heads are asked for

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

TEST_F(RefreshTest, ABaseWhoseNameIsLostLeavesNoBaseThatClears) {
  ASSERT_TRUE(watchlist_.Refresh().ok());
  store_.partial = absl::DataLossError("watchlist_base.base cannot be read");
  EXPECT_EQ(watchlist_.Refresh().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Ask().status, BaseStatus::kError);
  EXPECT_THAT(Ask().reason, HasSubstr("watchlist_base.base"));
  store_.partial = absl::OkStatus();
  ASSERT_TRUE(watchlist_.Refresh().ok());
  EXPECT_EQ(Ask().status, BaseStatus::kNoHit);
}

// A change that hangs holds up neither the caller behind it nor the doubt.
TEST_F(RefreshTest, WhoWaitsForAnotherChangeHasADeadline) {
  ASSERT_TRUE(watchlist_.Refresh().ok());
  absl::Notification inside, go;
  store_.meanwhile = [&] {
    inside.Notify();
    go.WaitForNotification();
  };
  std::thread hanging([&] { watchlist_.Refresh().IgnoreError(); });
  inside.WaitForNotification();
  clock_.Advance(Watchlist::kMaxUnasked);
  {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Milliseconds(20)));
    ChangeRequest request;
    request.by = {.identity = "anna", .person = true};
    EXPECT_EQ(watchlist_.Confirm("stolen", request).status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(watchlist_.Reject("id", "why", request).status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(watchlist_.Refresh().code(), absl::StatusCode::kDeadlineExceeded);
  }
  EXPECT_EQ(Ask().status, BaseStatus::kError);
  EXPECT_THAT(Ask().reason, HasSubstr("another change"));
  go.Notify();
  hanging.join();
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
