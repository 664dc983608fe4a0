// Segments that are taken away leave a chain that still holds, with the archive and without; and what the log says can
// be asked, in both.
#include "libs/audit/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/audit/audit.h"
#include "libs/audit/search.h"

namespace gatehouse::audit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const base::DocumentKey kDocument{.number = "L898902C3", .issuer = "UTO", .type = "P"};

class ArchiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "audit_archive_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    folder_ = name + "/audit";
    archive_ = name + "/archive";
    for (int segment = 0; segment < 4; ++segment) AppendInOneSegment(10 * segment, 5);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void AppendInOneSegment(int first, int count) {
    auto log = Open({.folder = folder_, .process = "post"});
    ASSERT_TRUE(log.ok()) << log.status();
    for (int i = first; i < first + count; ++i) {
      Leaf leaf{.kind = Kind::kIntent,
                .time = absl::Now(),
                .call_id = absl::StrCat("call-", i),
                .identity = "desk-1",
                .officer = i % 2 == 0 ? "officer-1" : "officer-2",
                .verb = "/Verify",
                .subjects = {absl::StrCat("person-", i)}};
      if (i == 11 || i == 32) leaf.documents = {kDocument};
      ASSERT_TRUE((*log)->Append(leaf).ok());
    }
  }
  absl::StatusOr<Archived> Take(const std::string& to, absl::Time before = absl::InfiniteFuture(),
                                const std::string& from = "") {
    return Archive({.folder = from.empty() ? folder_ : from,
                    .archive = to,
                    .before = before,
                    .now = absl::Now(),
                    .sign = [](std::string_view text) { return absl::StrCat("signed:", std::string(text)); }});
  }
  std::vector<std::string> Problems(const std::string& archive = "") { return Verify(folder_, "", archive)->problems; }

  std::string root_;
  std::string folder_;
  std::string archive_;
};

TEST_F(ArchiveTest, TheChainHoldsWithAndWithoutTheArchiveAndTheLogGoesOn) {
  const std::string old_head = Verify(folder_)->head;
  const auto taken = Take(archive_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->segments, 3u);
  EXPECT_EQ(taken->leaves, 15u);
  EXPECT_EQ(taken->last_segment, 3u);
  EXPECT_EQ(*ReadSignedTaken(folder_), "signed:" + TakenText(3, 15, taken->head));
  const Report alone = *Verify(folder_);
  EXPECT_THAT(alone.problems, IsEmpty());
  EXPECT_EQ(alone.leaves, 5);
  EXPECT_EQ(alone.taken_segments, 3u);
  EXPECT_EQ(alone.taken_head, taken->head);
  AppendInOneSegment(40, 5);
  const Report whole = *Verify(folder_, old_head, archive_);
  EXPECT_THAT(whole.problems, IsEmpty());
  EXPECT_EQ(whole.leaves, 25);
  EXPECT_THAT(Verify(archive_)->problems, IsEmpty()) << "the archive by itself";
  // And once more, behind the first.
  const auto more = Take(archive_);
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_EQ(more->segments, 1u);
  EXPECT_THAT(Problems(archive_), IsEmpty());
  EXPECT_EQ(Take(archive_)->segments, 0u);
}

TEST_F(ArchiveTest, OnlySegmentsClosedBeforeTheDateGo) {
  EXPECT_EQ(Take(archive_, absl::Now() - absl::Hours(1))->segments, 0u);
  EXPECT_EQ(Verify(folder_)->segments, 4);
}

TEST_F(ArchiveTest, AMissingOrForeignPartIsFound) {
  ASSERT_TRUE(Take(archive_).ok());
  std::filesystem::remove(archive_ + "/00000003.seg");
  EXPECT_THAT(Problems(archive_), Contains(HasSubstr("the archive does not end where")));
  EXPECT_THAT(Problems(), IsEmpty());
  std::filesystem::remove(folder_ + "/taken");
  EXPECT_THAT(Problems(), Contains(HasSubstr("segment 1: the file is missing")));
  EXPECT_FALSE(Open({.folder = folder_, .process = "post"}).ok());
}

TEST_F(ArchiveTest, ABrokenSegmentStaysWhereItIs) {
  {
    std::fstream file(folder_ + "/00000002.seg", std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(300);
    file.put('!');
  }
  EXPECT_EQ(Take(archive_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Verify(folder_)->segments, 4);
}

TEST_F(ArchiveTest, WhatWasCutShortIsDoneAgain) {
  // As after a crash: the copies are there, one of them twice.
  std::filesystem::create_directory(archive_);
  std::filesystem::copy(folder_ + "/00000001.seg", archive_ + "/00000001.seg");
  std::filesystem::copy(folder_ + "/00000001.seg", root_ + "/kept");
  ASSERT_TRUE(Take(archive_).ok());
  std::filesystem::copy(root_ + "/kept", folder_ + "/00000001.seg");
  EXPECT_THAT(Problems(archive_), IsEmpty()) << "not removed yet, and passed over";
  AppendInOneSegment(40, 1);
  ASSERT_TRUE(Take(archive_).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/00000001.seg"));
  EXPECT_THAT(Problems(archive_), IsEmpty());
}

TEST_F(ArchiveTest, WhatIsDestroyedLeavesItsHead) {
  ASSERT_TRUE(Take(archive_).ok());
  const auto destroyed = Take("", absl::InfiniteFuture(), archive_);
  ASSERT_TRUE(destroyed.ok()) << destroyed.status();
  EXPECT_EQ(destroyed->segments, 3u);
  EXPECT_THAT(Problems(archive_), IsEmpty());
  EXPECT_THAT(Problems(), IsEmpty());
  AppendInOneSegment(40, 1);
  ASSERT_TRUE(Take(archive_).ok()) << "and the archive goes on";
  EXPECT_THAT(Problems(archive_), IsEmpty());
}

TEST_F(ArchiveTest, ADocumentAPersonAndAnOfficerAreFoundInFolderAndArchive) {
  ASSERT_TRUE(Take(archive_).ok());
  const auto search = [&](const Question& question) {
    const auto findings =
        Search(question, {.folders = {archive_, folder_}, .keys = *ReadLookupKeys(folder_ + "-keys")});
    EXPECT_TRUE(findings.ok()) << findings.status();
    std::vector<std::string> calls;
    for (const Found& found : findings->found) calls.push_back(found.leaf.call_id);
    EXPECT_TRUE(findings->complete());
    EXPECT_EQ(findings->leaves, 20);
    return calls;
  };
  EXPECT_THAT(search({.document = base::DocumentKey{.number = "l898902c3", .issuer = "UTO"}}),
              ElementsAre("call-11", "call-32"));
  EXPECT_THAT(search({.document = base::DocumentKey{.number = "L898902C4", .issuer = "UTO"}}), IsEmpty());
  EXPECT_THAT(search({.person = "person-20"}), ElementsAre("call-20"));
  EXPECT_THAT(search({.officer = "officer-1"}), SizeIs(12));
  EXPECT_THAT(search({.document = kDocument, .officer = "officer-1"}), ElementsAre("call-32"));
  EXPECT_THAT(search({.person = "person-20", .to = absl::Now() - absl::Hours(1)}), IsEmpty());
}

// An empty answer is one only when everything was there to be asked.
TEST_F(ArchiveTest, ASearchThatCouldNotLookSaysSo) {
  const auto problems = [&](const std::vector<std::string>& folders) {
    const auto findings = Search({.person = "nobody"}, {.folders = folders});
    EXPECT_TRUE(findings.ok()) << findings.status();
    EXPECT_EQ(findings->complete(), findings->problems.empty());
    return findings->problems;
  };
  EXPECT_THAT(problems({folder_}), IsEmpty());
  EXPECT_THAT(problems({root_}), ElementsAre(HasSubstr("the folder holds no segment")));

  ASSERT_TRUE(Take(archive_).ok());
  EXPECT_THAT(problems({folder_}), ElementsAre(HasSubstr("the first 3 segments were taken away: search the archive")));
  EXPECT_THAT(problems({archive_}), IsEmpty());
  EXPECT_THAT(problems({archive_, folder_}), IsEmpty());
  std::filesystem::copy(archive_, root_ + "/cut", std::filesystem::copy_options::recursive);
  std::filesystem::remove(root_ + "/cut/00000003.seg");
  EXPECT_THAT(problems({root_ + "/cut", folder_}), Contains(HasSubstr("search the archive too")));

  const std::string newest = folder_ + "/00000004.seg";
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) - 60);
  EXPECT_THAT(problems({archive_, folder_}), ElementsAre(HasSubstr("acknowledged leaves were removed")));
  std::filesystem::remove(newest);
  EXPECT_THAT(problems({archive_, folder_}), ElementsAre(HasSubstr("acknowledged leaves were removed")));
}

TEST_F(ArchiveTest, AQuarterWithoutItsKeyIsNamedAndNeverSilence) {
  ASSERT_TRUE(DestroyLookupKeys(folder_ + "-keys", absl::InfiniteFuture()).ok());
  const auto findings =
      Search({.document = kDocument}, {.folders = {folder_}, .keys = *ReadLookupKeys(folder_ + "-keys")});
  ASSERT_TRUE(findings.ok());
  EXPECT_THAT(findings->found, IsEmpty());
  EXPECT_THAT(findings->keys_missing, ElementsAre(HasSubstr(QuarterOf(absl::Now()))));
  EXPECT_FALSE(findings->complete());
}

// The folder of the keys was lost, and the process made a new one for the same quarter: what was written under the
// first cannot be searched, and a search says so.
TEST_F(ArchiveTest, AKeyThatWasMadeAnewIsNotTakenForTheFirst) {
  std::filesystem::remove_all(folder_ + "-keys");
  AppendInOneSegment(11, 1);
  const auto findings =
      Search({.document = kDocument}, {.folders = {folder_}, .keys = *ReadLookupKeys(folder_ + "-keys")});
  ASSERT_TRUE(findings.ok());
  EXPECT_THAT(findings->found, SizeIs(1)) << "under the new key";
  EXPECT_THAT(findings->keys_missing, SizeIs(1));
  EXPECT_FALSE(findings->complete());
}

// As gatehouse audit verify --signers does, with an archive and without.
TEST_F(ArchiveTest, WhatAFolderSaysWasTakenIsWhatWasSigned) {
  EXPECT_EQ(ReadTakenText(folder_).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Take(archive_).ok());
  EXPECT_EQ("signed:" + ReadTakenText(folder_).value(), ReadSignedTaken(folder_).value());
}

}  // namespace
}  // namespace gatehouse::audit
