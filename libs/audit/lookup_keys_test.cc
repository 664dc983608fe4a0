// What a look-up key promises: one document finds its leaves and no leaf tells a document.
#include "libs/audit/lookup_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"
#include "libs/audit/search.h"

namespace gatehouse::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kTime = absl::FromCivil(absl::CivilDay(2026, 11, 30), absl::UTCTimeZone());
const base::DocumentKey kDocument{.number = "L898902C3", .issuer = "UTO", .type = "P"};

class LookupKeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "audit_keys_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    keys_folder_ = name + "/keys";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::vector<std::string> Subjects(const Leaf& leaf) {
    LookupKeys keys(keys_folder_, base::SystemRandom());
    const auto subjects = keys.SubjectsOf(leaf);
    EXPECT_TRUE(subjects.ok()) << subjects.status();
    return *subjects;
  }

  std::string root_;
  std::string keys_folder_;
};

TEST_F(LookupKeysTest, OneDocumentIsOneSubjectHoweverItIsWritten) {
  const Leaf leaf{.time = kTime,
                  .subjects = {"person-1"},
                  .documents = {kDocument, {.number = "l898902 c3<", .issuer = "UTO"}, {.issuer = "UTO"}}};
  const std::vector<std::string> subjects = Subjects(leaf);
  ASSERT_THAT(subjects, SizeIs(2));
  EXPECT_EQ(subjects[0], "person-1");
  EXPECT_THAT(subjects[1], ::testing::MatchesRegex("document:2026Q4\\.[0-9a-f]{4}:[0-9a-f]{32}"));
  EXPECT_EQ(LabelOfSubject("person-1"), "");
  EXPECT_EQ(Subjects(leaf), subjects) << "the key is kept";
  const auto keys = ReadLookupKeys(keys_folder_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(DocumentSubject(keys->at("2026Q4"), "2026Q4", kDocument), subjects[1]);
  EXPECT_EQ(LabelOfSubject(subjects[1]), KeyLabel(keys->at("2026Q4"), "2026Q4"));
  struct stat info;
  ASSERT_EQ(::stat((keys_folder_ + "/2026Q4.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(LookupKeysTest, AnotherQuarterIsAnotherKey) {
  const std::string now = Subjects({.time = kTime, .documents = {kDocument}})[0];
  const std::string later = Subjects({.time = kTime + absl::Hours(24 * 40), .documents = {kDocument}})[0];
  EXPECT_THAT(later, HasSubstr("document:2027Q1."));
  EXPECT_NE(now.substr(now.rfind(':')), later.substr(later.rfind(':')));
}

TEST_F(LookupKeysTest, TheWordsOfANameHaveNoOrder) {
  const base::PartialDate born{.year = 1974, .month = 8, .day = 12};
  const std::vector<std::string> subjects =
      Subjects({.time = kTime,
                .names = {{"Eriksson Anna-Maria", born}, {"ANNA<MARIA<<ERIKSSON", born}, {"ANNA MARIA ERIKSSON", {}}}});
  ASSERT_THAT(subjects, SizeIs(2)) << "with the date of birth, and without";
}

// A query carries a date of birth, and whoever asks may know the name alone.
TEST_F(LookupKeysTest, ANameIsFoundWithItsDateOfBirthAndWithout) {
  const base::PartialDate born{.year = 1980, .month = 1, .day = 1};
  {
    auto log = Open({.folder = root_ + "/audit", .process = "post"});
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE(
        (*log)
            ->Append({.kind = Kind::kOutcome, .time = kTime, .call_id = "1", .names = {{"Eriksson Anna", born}}})
            .ok());
  }
  const auto found = [&](const base::PartialDate& date) {
    const auto findings = Search({.name = NamedPerson{.name = "ANNA ERIKSSON", .birth_date = date}},
                                 {.folders = {root_ + "/audit"}, .keys = *ReadLookupKeys(root_ + "/audit-keys")});
    EXPECT_TRUE(findings.ok()) << findings.status();
    return findings->found.size();
  };
  EXPECT_EQ(found({}), 1u);
  EXPECT_EQ(found(born), 1u);
  EXPECT_EQ(found({.year = 1981, .month = 1, .day = 1}), 0u) << "somebody else of this name";
}

TEST_F(LookupKeysTest, ProcessesOfOneFolderAgreeOnTheKey) {
  std::vector<std::string> subjects(8);
  std::vector<std::thread> threads;
  for (std::string& subject : subjects) {
    threads.emplace_back([&] { subject = Subjects({.time = kTime, .documents = {kDocument}})[0]; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(subjects.begin(), subjects.end()).size(), 1u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(keys_folder_), {}), 1)
      << "nothing is left beside the key";
}

TEST_F(LookupKeysTest, AKeyThatOthersReadIsRefused) {
  Subjects({.time = kTime, .documents = {kDocument}});
  ASSERT_EQ(::chmod((keys_folder_ + "/2026Q4.key").c_str(), 0644), 0);
  LookupKeys keys(keys_folder_, base::SystemRandom());
  EXPECT_EQ(keys.SubjectsOf({.time = kTime, .documents = {kDocument}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(LookupKeysTest, KeysOfQuartersThatEndedAreDestroyed) {
  for (const int days : {0, -100, -200}) Subjects({.time = kTime + absl::Hours(24 * days), .documents = {kDocument}});
  EXPECT_THAT(*DestroyLookupKeys(keys_folder_, kTime - absl::Hours(24 * 90)), ElementsAre("2026Q2"));
  EXPECT_THAT(*ReadLookupKeys(keys_folder_), SizeIs(2));
  EXPECT_FALSE(std::filesystem::exists(keys_folder_ + "/2026Q2.key"));
}

// The key that a link leads to would live on, and another file in its place would be lost.
TEST_F(LookupKeysTest, ALinkedKeyIsNotTakenForDestroyed) {
  for (const int days : {-100, -200}) Subjects({.time = kTime + absl::Hours(24 * days), .documents = {kDocument}});
  const std::string path = keys_folder_ + "/2026Q2.key", target = root_ + "/elsewhere.key";
  std::filesystem::rename(path, target);
  std::filesystem::create_symlink(target, path);
  const auto destroyed = DestroyLookupKeys(keys_folder_, kTime - absl::Hours(24 * 60));
  EXPECT_EQ(destroyed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(destroyed.status().message()), HasSubstr("2026Q2.key is a link"));
  EXPECT_THAT(*ReadLookupKeys(keys_folder_), SizeIs(2)) << "nothing was destroyed";
}

TEST_F(LookupKeysTest, AFolderThatOthersMayWriteToGetsNoKey) {
  std::filesystem::create_directory(keys_folder_);
  ASSERT_EQ(::chmod(keys_folder_.c_str(), 0777), 0);
  LookupKeys keys(keys_folder_, base::SystemRandom());
  EXPECT_EQ(keys.SubjectsOf({.time = kTime, .documents = {kDocument}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(LookupKeysTest, TheLockOfAFolderIsNoLink) {
  std::filesystem::create_directory(root_ + "/audit");
  std::filesystem::create_symlink(root_ + "/target", root_ + "/audit/lock");
  EXPECT_FALSE(Open({.folder = root_ + "/audit", .process = "post"}).ok());
  EXPECT_FALSE(std::filesystem::exists(root_ + "/target"));
}

TEST_F(LookupKeysTest, TheLogWritesHashesAndNoNumber) {
  {
    auto log = Open({.folder = root_ + "/audit", .process = "post"});
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE((*log)->Append({.kind = Kind::kOutcome, .time = kTime, .call_id = "1", .documents = {kDocument}}).ok());
  }
  const std::vector<Leaf> leaves = ReadLeaves(root_ + "/audit", 10).value();
  ASSERT_THAT(leaves, SizeIs(1));
  EXPECT_THAT(leaves[0].subjects, ElementsAre(HasSubstr("document:2026Q4.")));
  std::ifstream file(root_ + "/audit/00000001.seg", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(bytes, Not(HasSubstr("L898902C3")));
  EXPECT_TRUE(std::filesystem::exists(root_ + "/audit-keys/2026Q4.key"));
}

TEST_F(LookupKeysTest, WithoutAKeyTheLeafIsRefusedAndThatIsHeard) {
  std::ofstream(root_ + "/audit-keys") << "a file where the folder belongs";
  std::vector<std::string> told;
  auto log =
      Open({.folder = root_ + "/audit", .process = "post", .report = [&](std::string_view name, const absl::Status& s) {
              told.push_back(absl::StrCat(std::string(name), s.ok() ? " over" : ""));
            }});
  ASSERT_TRUE(log.ok());
  const Leaf leaf{.kind = Kind::kOutcome, .time = kTime, .call_id = "1", .documents = {kDocument}};
  EXPECT_FALSE((*log)->Append(leaf).ok());
  EXPECT_FALSE((*log)->Append(leaf).ok());
  EXPECT_THAT(ReadLeaves(root_ + "/audit", 10).value(), IsEmpty());
  std::filesystem::remove(root_ + "/audit-keys");
  EXPECT_TRUE((*log)->Append(leaf).ok());
  EXPECT_THAT(told, ElementsAre("audit.keys", "audit.keys over"));
}

}  // namespace
}  // namespace gatehouse::audit
