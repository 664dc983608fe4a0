#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "services/watchlist/local_index.h"
#include "services/watchlist/snapshot_codec.h"

namespace gatehouse::watchlist {
namespace {

namespace fs = std::filesystem;

SnapshotContent Sample() {
  SnapshotContent content;
  content.base = "un";
  content.format = "un-xml";
  content.version = "2026";
  content.published = "2026-01-02";
  content.sha256 = "ab";
  content.imported_at = absl::FromUnixMillis(1'700'000'000'123);
  ListRecord person;
  person.record_id = "ZZi.1";
  person.names = {{"Tarek Madeup", NameQuality::kStrong}, {"طارق", NameQuality::kWeak}};
  person.births = {{{1971, 2, 3}, 0, 0, true}, {{}, 1970, 1972, false}};
  person.sex = Sex::kFemale;
  person.nationalities = {{"IRQ", "Iraq"}};
  person.documents = {{"A1", "IRQ", "P"}};
  content.records = {person};
  content.documents = {{"D1", {"X1", "UKR", "P"}, DocumentStatus::kStolenBlank, {2024, 5, 0}}};
  return content;
}

class LocalIndexTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(directory_); }
  void TearDown() override { fs::remove_all(directory_); }
  const std::string directory_ =
      (fs::path(::testing::TempDir()) / ("gatehouse_local_index_" + std::to_string(::getpid()))).string();
};

TEST(SnapshotCodecTest, GivesBackWhatWasWritten) {
  const auto decoded = DecodeSnapshot(EncodeSnapshot(Sample()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Sample());
}

TEST(SnapshotCodecTest, EveryCutAndEveryFlippedByteIsFound) {
  const std::string bytes = EncodeSnapshot(Sample());
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(DecodeSnapshot(bytes.substr(0, i)).status().code(), absl::StatusCode::kDataLoss) << i;
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(DecodeSnapshot(damaged).ok()) << i;
  }
}

TEST_F(LocalIndexTest, SavesReplacesAndLoads) {
  ASSERT_TRUE(LocalIndex::Save(directory_, Sample()).ok());
  SnapshotContent newer = Sample();
  newer.version = "2027";
  ASSERT_TRUE(LocalIndex::Save(directory_, newer).ok());
  SnapshotContent other = Sample();
  other.base = "documents";
  ASSERT_TRUE(LocalIndex::Save(directory_, other).ok());
  const auto index = LocalIndex::Load(directory_);
  ASSERT_TRUE(index.ok()) << index.status();
  ASSERT_EQ(index->bases().size(), 2U);
  EXPECT_EQ(index->bases()[0].name, "documents");
  EXPECT_EQ(index->bases()[1].snapshot->content(), newer);
}

TEST_F(LocalIndexTest, ADamagedBaseIsAnErrorNotAnEmptyOne) {
  EXPECT_EQ(LocalIndex::Load(directory_).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(LocalIndex::Save(directory_, Sample()).ok());
  std::ofstream(directory_ + "/un.watchlist", std::ios::app) << "x";
  EXPECT_EQ(LocalIndex::Load(directory_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LocalIndexTest, ABaseNameCannotLeaveTheFolder) {
  SnapshotContent content = Sample();
  content.base = "../un";
  EXPECT_EQ(LocalIndex::Save(directory_, content).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ReadFileTest, SaysWhatIsWrong) {
  EXPECT_EQ(ReadFile("/nonexistent", 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile("/", 10).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SnapshotTest, CountsPersonsAndEntities) {
  SnapshotContent content = Sample();
  content.records.push_back(content.records[0]);
  content.records[1].kind = RecordKind::kEntity;
  const auto snapshot = Snapshot::Build(content);
  EXPECT_EQ(snapshot->person_count(), 1U);
  EXPECT_EQ(snapshot->entity_count(), 1U);
  EXPECT_TRUE(snapshot->has_documents());
}

}  // namespace
}  // namespace gatehouse::watchlist
