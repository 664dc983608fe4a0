// What a chain promises: what was appended is read back, and whatever somebody does to the files is found and named.
#include "libs/audit/audit.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/audit/folder.h"
#include "libs/audit/segment.h"
#include "libs/base/deadline.h"

namespace gatehouse::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Leaf MakeLeaf(int n, Kind kind = Kind::kIntent) {
  return {.kind = kind,
          .time = absl::FromUnixMicros(1'700'000'000'000'000 + n),
          .call_id = absl::StrCat("call-", n),
          .identity = "officer-1",
          .officer = "officer-1",
          .role = "officer",
          .purpose = "border_inspection",
          .verb = "/gatehouse.inspection.v1.InspectionService/Inspect",
          .subjects = {absl::StrCat("inspection-", n), absl::StrCat("person-", n)},
          .outcome = kind == Kind::kIntent ? "" : "OK"};
}

constexpr char kOtherBoot[] = "11111111-2222-3333-4444-555555555555";

class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "audit_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    folder_ = name + "/audit";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Log> MustOpen(size_t max_segment_bytes = kMaxSegmentBytes) {
    auto log = Open({.folder = folder_, .process = "post", .max_segment_bytes = max_segment_bytes});
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  // One segment a call, as each start of a process makes one.
  void AppendInOneSegment(int first, int count) {
    auto log = MustOpen();
    for (int i = 0; i < count; ++i) ASSERT_TRUE(log->Append(MakeLeaf(first + i)).ok());
  }
  Report MustVerify(std::string_view known_head = "") {
    auto report = Verify(folder_, known_head);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }
  std::string Path(int segment) const { return absl::StrCat(folder_, "/0000000", segment, ".seg"); }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void Write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  // As after a crash in the middle of a write: the head announces it.
  void AnnounceWrite(uint64_t bytes, const std::string& boot = BootId()) {
    Head head = *ReadHead(folder_).value();
    head.writing_bytes = head.size_bytes + bytes;
    head.closed = false;
    head.boot = boot;
    WriteHead(head);
  }
  void WriteHead(const Head& head) {
    const File file(::open(HeadPath(folder_).c_str(), O_WRONLY));
    ASSERT_TRUE(audit::WriteHead(file.fd(), head, "head").ok());
  }
  // Offsets of the records of a segment, and of its end.
  static std::vector<size_t> Offsets(const std::string& bytes) {
    SegmentReader reader = SegmentReader::Make(bytes).value();
    std::vector<size_t> offsets = {reader.end_offset()};
    while (reader.Next() == SegmentReader::State::kLeaf) offsets.push_back(reader.end_offset());
    return offsets;
  }

  std::string root_;
  std::string folder_;
};

// --- Appending and reading ---

TEST_F(FolderTest, ReadsBackWhatWasAppended) {
  {
    auto log = MustOpen();
    ASSERT_TRUE(log->Append(MakeLeaf(1)).ok());
    ASSERT_TRUE(log->Append(MakeLeaf(1, Kind::kOutcome)).ok());
    ASSERT_TRUE(log->Append(MakeLeaf(2, Kind::kRefusal)).ok());
    ASSERT_TRUE(log->Append(MakeLeaf(3)).ok());
  }
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 10).value();
  ASSERT_EQ(leaves.size(), 4u);
  EXPECT_EQ(leaves[0].kind, Kind::kIntent);
  EXPECT_EQ(leaves[1].kind, Kind::kOutcome);
  EXPECT_EQ(leaves[1].outcome, "OK");
  EXPECT_EQ(leaves[2].kind, Kind::kRefusal);
  EXPECT_EQ(leaves[3].time, MakeLeaf(3).time);
  EXPECT_EQ(leaves[3].identity, "officer-1");
  EXPECT_EQ(leaves[3].purpose, "border_inspection");
  EXPECT_THAT(leaves[3].subjects, ElementsAre("inspection-3", "person-3"));
  EXPECT_THAT(ReadLeaves(folder_, 2).value(), SizeIs(2));
  const Report report = MustVerify();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.segments, 1);
  EXPECT_EQ(report.leaves, 4);
  EXPECT_EQ(report.intents_without_outcome, 1);
  EXPECT_EQ(report.head.size(), 64u);
}

TEST_F(FolderTest, ACallThatACrashCutOffIsCountedThoughTheCallsItMadeWereAnswered) {
  const auto leaf = [](Kind kind, const std::string& verb) {
    Leaf made = MakeLeaf(1, kind);
    made.verb = verb;  // the call id is that of the outer call for all of them
    return made;
  };
  {
    auto log = MustOpen();
    ASSERT_TRUE(log->Append(leaf(Kind::kIntent, "/Outer/Decide")).ok());
    ASSERT_TRUE(log->AppendWithin(leaf(Kind::kIntent, "/Inner/Record")).ok());
    ASSERT_TRUE(log->AppendWithin(leaf(Kind::kOutcome, "/Inner/Record")).ok());
  }
  EXPECT_EQ(MustVerify().intents_without_outcome, 1);
}

TEST_F(FolderTest, HashesAsRfc9162Says) {
  // SHA-256(0x00 || 32 zero bytes || "abc"), computed with sha256sum.
  EXPECT_EQ(Hex(LeafHash(Hash{}, "abc")), "c33053a522a31d589139f948dde1307fb9fe50ead1deae64e41ed9d37cf64d5a");
}

TEST_F(FolderTest, ContinuesTheChainAcrossStartsAndSegments) {
  AppendInOneSegment(0, 5);
  const std::string first_head = MustVerify().head;
  {
    auto log = MustOpen(2048);  // about 15 leaves a segment
    for (int i = 5; i < 105; ++i) ASSERT_TRUE(log->Append(MakeLeaf(i)).ok());
  }
  const Report report = MustVerify();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.leaves, 105);
  EXPECT_GT(report.segments, 5);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() != ".seg") continue;
    EXPECT_LE(entry.file_size(), 2048u) << entry.path();
  }
  EXPECT_EQ(ReadLeaves(folder_, 1000).value().back().call_id, "call-104");
  // A head that was written down once stays in the chain.
  EXPECT_THAT(MustVerify(first_head).problems, IsEmpty());
  EXPECT_THAT(MustVerify(std::string(64, 'a')).problems, ElementsAre(HasSubstr("does not contain the head")));
}

TEST_F(FolderTest, FilesAreForTheirOwnerOnly) {
  AppendInOneSegment(0, 1);
  struct stat info;
  ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(FolderTest, RefusesASecondProcess) {
  auto log = MustOpen();
  EXPECT_EQ(Open({.folder = folder_, .process = "other"}).status().code(), absl::StatusCode::kFailedPrecondition);
  log.reset();
  EXPECT_TRUE(Open({.folder = folder_, .process = "other"}).ok());
}

TEST_F(FolderTest, ManyThreadsShareOneChain) {
  {
    auto log = MustOpen(64 * 1024);
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(log->Append(MakeLeaf(t * 1000 + i)).ok());
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const Report report = MustVerify();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.leaves, 640);
  std::map<int, int> next;  // within a thread the order is kept
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 1000).value();
  for (const Leaf& leaf : leaves) {
    const int n = std::stoi(leaf.call_id.substr(5));
    EXPECT_EQ(next[n / 1000]++, n % 1000);
  }
}

TEST_F(FolderTest, LeavesOfInnerCallsAreOnDiskWithTheOutcomeOfTheOuter) {
  auto log = MustOpen();
  ASSERT_TRUE(log->Append(MakeLeaf(1)).ok());
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(1)).ok());
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(1, Kind::kOutcome)).ok());
  EXPECT_EQ(MustVerify().leaves, 1) << "nobody waited for the inner two";
  ASSERT_TRUE(log->Append(MakeLeaf(1, Kind::kOutcome)).ok());
  EXPECT_EQ(MustVerify().leaves, 4);
  EXPECT_THAT(MustVerify().problems, IsEmpty());
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 10).value();
  EXPECT_EQ(leaves[1].kind, Kind::kIntent);
  EXPECT_EQ(leaves[2].kind, Kind::kOutcome);
}

TEST_F(FolderTest, ALeafOutsideAnyOpenCallWaitsForItself) {
  auto log = MustOpen();
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(1)).ok());
  EXPECT_EQ(MustVerify().leaves, 1) << "no call of this id was open";
  ASSERT_TRUE(log->Append(MakeLeaf(2)).ok());
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(1, Kind::kOutcome)).ok());
  EXPECT_EQ(MustVerify().leaves, 3) << "another call is open, not this one";
  ASSERT_TRUE(log->Append(MakeLeaf(2, Kind::kOutcome)).ok());
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(2)).ok());
  EXPECT_EQ(MustVerify().leaves, 5) << "the outer call had ended";
}

TEST_F(FolderTest, ACallIsOpenUntilTheLastOutcomeOfItsId) {
  auto log = MustOpen();
  ASSERT_TRUE(log->Append(MakeLeaf(1)).ok());
  ASSERT_TRUE(log->Append(MakeLeaf(1)).ok());
  ASSERT_TRUE(log->Append(MakeLeaf(1, Kind::kOutcome)).ok());
  ASSERT_TRUE(log->AppendWithin(MakeLeaf(1)).ok());
  EXPECT_EQ(MustVerify().leaves, 3);
  log.reset();
  EXPECT_EQ(MustVerify().leaves, 4) << "an orderly end leaves nothing behind";
}

TEST_F(FolderTest, CanBeVerifiedWhileItGrows) {
  auto log = MustOpen(8192);
  std::thread writer([&log] {
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(log->Append(MakeLeaf(i)).ok());
  });
  for (int i = 0; i < 50; ++i) EXPECT_THAT(MustVerify().problems, IsEmpty());
  writer.join();
  EXPECT_EQ(MustVerify().leaves, 300);
}

TEST_F(FolderTest, ATextThatIsTooLongIsCutWithAMarkAndTheLeafIsThere) {
  {
    auto log = MustOpen();
    Leaf leaf = MakeLeaf(1);
    leaf.call_id = std::string(5000, 'x');
    leaf.subjects = {std::string(3000, 's') + "1", std::string(3000, 's') + "2", std::string(1022, 's') + "\xC3\xA9!"};
    ASSERT_TRUE(log->Append(leaf).ok());
  }
  EXPECT_THAT(MustVerify().problems, IsEmpty());
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 10).value();
  ASSERT_THAT(leaves, SizeIs(1));
  EXPECT_LE(leaves[0].call_id.size(), kMaxTextBytes);
  EXPECT_THAT(leaves[0].call_id, HasSubstr("xxx[cut, sha256 "));
  ASSERT_THAT(leaves[0].subjects, SizeIs(3));
  EXPECT_NE(leaves[0].subjects[0], leaves[0].subjects[1]) << "two of one beginning still differ";
}

TEST_F(FolderTest, ManySubjectsAreSeveralLeavesAndNoneIsLost) {
  for (const size_t subject_bytes : {36u, 1000u}) {
    std::filesystem::remove_all(folder_);
    std::vector<std::string> subjects;
    for (int i = 0; i < 2500; ++i) subjects.push_back(absl::StrCat(i, "-", std::string(subject_bytes - 5, 's')));
    {
      auto log = MustOpen();
      Leaf leaf = MakeLeaf(1, Kind::kOutcome);
      leaf.subjects = subjects;
      ASSERT_TRUE(log->Append(leaf).ok());
    }
    EXPECT_THAT(MustVerify().problems, IsEmpty());
    std::vector<std::string> found;
    const std::vector<Leaf> leaves = ReadLeaves(folder_, 1000).value();
    EXPECT_GT(leaves.size(), 2u);
    for (const Leaf& leaf : leaves) {
      EXPECT_LE(leaf.subjects.size(), kMaxSubjects);
      EXPECT_EQ(leaf.outcome, "OK");
      found.insert(found.end(), leaf.subjects.begin(), leaf.subjects.end());
    }
    EXPECT_EQ(found, subjects);
  }
}

TEST_F(FolderTest, ACallWhoseTimeIsOverStillLeavesItsLeaf) {
  {
    auto log = MustOpen();
    const base::WorkTimeScope over(base::WorkTime::In(absl::ZeroDuration()));
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&log, i] {
        const base::WorkTimeScope scope(base::WorkTime::In(absl::ZeroDuration()));
        const absl::Status status = log->Append(MakeLeaf(i, Kind::kOutcome));
        EXPECT_TRUE(status.ok() || absl::IsDeadlineExceeded(status)) << status;
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(MustVerify().leaves, 8) << "nobody waited, and each is there";
}

// --- Crashes ---

// The head is made before the first segment: between the two a first start may end.
TEST_F(FolderTest, AFirstStartThatWasCutShortIsNoLoss) {
  std::filesystem::create_directory(folder_);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
  Write(folder_ + "/head", "");
  Write(Path(1) + ".new", "half a header");
  AppendInOneSegment(0, 2);
  EXPECT_THAT(MustVerify().problems, IsEmpty());
  // Later an empty head is one that somebody emptied.
  Write(folder_ + "/head", "");
  EXPECT_THAT(MustVerify().problems, ElementsAre("the head file is missing"));
  EXPECT_FALSE(Open({.folder = folder_, .process = "post"}).ok());
}

TEST_F(FolderTest, CutsATailThatWasNeverAcknowledged) {
  AppendInOneSegment(0, 3);
  const std::string whole = Read(Path(1));
  const std::string head = Read(folder_ + "/head");
  std::string next;
  AppendRecord(Hash{}, EncodeLeaves(MakeLeaf(9)).front(), next);
  // Whatever part of the next record reached the disk.
  for (size_t part = 1; part < next.size(); part += 7) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    Write(folder_ + "/head", head);
    Write(Path(1), whole + next.substr(0, part));
    AnnounceWrite(next.size());
    const Report before = MustVerify();
    EXPECT_TRUE(before.unfinished_tail);
    EXPECT_THAT(before.problems, IsEmpty());
    AppendInOneSegment(3, 1);
    EXPECT_EQ(Read(Path(1)), whole);
    EXPECT_THAT(MustVerify().problems, IsEmpty());
    EXPECT_EQ(MustVerify().leaves, 4);
  }
}

TEST_F(FolderTest, CutsATailOfZeros) {
  AppendInOneSegment(0, 3);
  const std::string whole = Read(Path(1));
  Leaf large = MakeLeaf(9);
  large.subjects.assign(20, std::string(36, 's'));
  std::string next;
  AppendRecord(Hash{}, EncodeLeaves(large).front(), next);
  // The new length arrived, its sectors did not: all of them, or those behind the first.
  const size_t to_sector_end = 512 - whole.size() % 512;
  ASSERT_LT(to_sector_end, next.size());
  for (const std::string& tail :
       {std::string(3000, '\0'), std::string(2, '\0'), next.substr(0, to_sector_end) + std::string(3000, '\0'),
        next.substr(0, to_sector_end) + std::string(next.size() - to_sector_end, '\0')}) {
    Write(Path(1), whole + tail);
    AnnounceWrite(next.size(), kOtherBoot);  // power was lost: the head may be old
    EXPECT_TRUE(MustVerify().unfinished_tail);
    EXPECT_THAT(MustVerify().problems, IsEmpty());
  }
  AppendInOneSegment(3, 1);
  EXPECT_EQ(Read(Path(1)), whole);
  EXPECT_THAT(MustVerify().problems, IsEmpty());
}

TEST_F(FolderTest, ATornTailThatHadBeenAcknowledgedIsNotForgiven) {
  AppendInOneSegment(0, 3);
  const std::string whole = Read(Path(1));
  Write(Path(1), whole.substr(0, whole.size() - 1));
  EXPECT_THAT(MustVerify().problems, ElementsAre(HasSubstr("names leaf 3 of the chain, which is not there")));
  EXPECT_EQ(Open({.folder = folder_, .process = "post"}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(FolderTest, BytesThatNoWriteLeftAreAProblem) {
  AppendInOneSegment(0, 3);
  const std::string whole = Read(Path(1));
  std::string next;
  AppendRecord(Hash{}, EncodeLeaves(MakeLeaf(9)).front(), next);
  const auto expect_found = [&](const std::string& tail) {
    Write(Path(1), whole + tail);
    EXPECT_THAT(MustVerify().problems,
                ElementsAre(HasSubstr(absl::StrCat("segment 1: ", tail.size(), " bytes stand"))));
    EXPECT_EQ(Open({.folder = folder_, .process = "post"}).status().code(), absl::StatusCode::kDataLoss);
  };
  // Behind an orderly end, though it looks like a record whose end did not arrive; zeros too.
  for (const std::string& tail : {std::string("x"), next.substr(0, 40), std::string(600, '\0')}) expect_found(tail);
  // Behind a crash that came when nothing was being written.
  AnnounceWrite(0);
  for (const std::string& tail : {std::string("x"), next.substr(0, 40), std::string(600, '\0')}) expect_found(tail);
  // More than was being written.
  AnnounceWrite(20);
  Write(Path(1), whole + next.substr(0, 40));
  EXPECT_THAT(MustVerify().problems, ElementsAre(HasSubstr("20 bytes stand behind")));
}

TEST_F(FolderTest, BytesBehindARunningLogAreAProblem) {
  auto log = MustOpen();
  ASSERT_TRUE(log->Append(MakeLeaf(1)).ok());
  EXPECT_THAT(MustVerify().problems, IsEmpty());
  std::ofstream(Path(1), std::ios::binary | std::ios::app) << std::string("\0\0\0\x50half", 8);
  EXPECT_THAT(MustVerify().problems, ElementsAre(HasSubstr("8 bytes stand behind")));
}

TEST_F(FolderTest, AHalfMadeSegmentIsMadeAgain) {
  AppendInOneSegment(0, 2);
  Write(Path(2) + ".new", "GHAU");
  AppendInOneSegment(2, 2);
  EXPECT_THAT(MustVerify().problems, IsEmpty());
  EXPECT_EQ(MustVerify().leaves, 4);
}

// --- Tampering ---

class TamperTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (int segment = 0; segment < 3; ++segment) AppendInOneSegment(10 * segment, 5);
    ASSERT_THAT(MustVerify().problems, IsEmpty());
  }
  std::vector<std::string> Problems() { return MustVerify().problems; }
  bool Opens() { return Open({.folder = folder_, .process = "post"}).ok(); }
};

TEST_F(TamperTest, EveryFlippedBitIsFound) {
  for (int segment = 1; segment <= 3; ++segment) {
    const std::string whole = Read(Path(segment));
    for (size_t at = 0; at < whole.size(); at += 7) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
      Write(Path(segment), changed);
      ASSERT_THAT(Problems(), ::testing::Contains(HasSubstr(absl::StrCat("segment ", segment)))) << "byte " << at;
    }
    Write(Path(segment), whole);
  }
}

TEST_F(TamperTest, AChangedLeafIsNamed) {
  std::string bytes = Read(Path(2));
  bytes[Offsets(bytes)[2] + 20] ^= 1;  // inside the content of the third leaf
  Write(Path(2), bytes);
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("segment 2: leaf 3 does not match its hash")));
}

TEST_F(TamperTest, ARemovedLeafIsNamed) {
  std::string bytes = Read(Path(2));
  const std::vector<size_t> at = Offsets(bytes);
  bytes.erase(at[1], at[2] - at[1]);
  Write(Path(2), bytes);
  EXPECT_THAT(Problems(), ::testing::Contains(HasSubstr("segment 2: leaf 2 does not match its hash")));
}

TEST_F(TamperTest, ReorderedLeavesAreNamed) {
  std::string bytes = Read(Path(2));
  const std::vector<size_t> at = Offsets(bytes);
  const std::string second = bytes.substr(at[1], at[2] - at[1]);
  const std::string third = bytes.substr(at[2], at[3] - at[2]);
  bytes.replace(at[1], second.size() + third.size(), third + second);
  Write(Path(2), bytes);
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("segment 2: leaf 2"), HasSubstr("segment 2: leaf 3"),
                                      HasSubstr("segment 2: leaf 4")));
}

TEST_F(TamperTest, ALeafWrittenAnewBreaksWhatFollows) {
  // Somebody changes a leaf and makes its hash right again.
  const std::string bytes = Read(Path(2));
  const std::vector<size_t> at = Offsets(bytes);
  SegmentReader reader = SegmentReader::Make(bytes).value();
  reader.Next();
  std::string forged = bytes.substr(0, at[1]);
  AppendRecord(reader.head(), EncodeLeaves(MakeLeaf(99)).front(), forged);
  Write(Path(2), forged + bytes.substr(at[2]));
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("segment 2: leaf 3 does not match its hash")));
}

TEST_F(TamperTest, ARewrittenSegmentBreaksTheNext) {
  // All hashes inside are right; the segment behind it names another end.
  const std::string bytes = Read(Path(1));
  const SegmentReader reader = SegmentReader::Make(bytes).value();
  std::string forged;
  Hash hash = AppendHeader(reader.header(), forged);
  for (int i = 0; i < 5; ++i) hash = AppendRecord(hash, EncodeLeaves(MakeLeaf(50 + i)).front(), forged);
  Write(Path(1), forged);
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("segment 2: does not continue the segment before it")));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, AMissingSegmentIsNamed) {
  std::filesystem::remove(Path(2));
  EXPECT_THAT(Problems(), ElementsAre("segment 2: the file is missing"));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, AMissingFirstSegmentIsNamed) {
  std::filesystem::remove(Path(1));
  EXPECT_THAT(Problems(), ElementsAre("segment 1: the file is missing"));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, AMissingLastSegmentIsFoundByTheHead) {
  std::filesystem::remove(Path(3));
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("segment 3: the head file names leaf 15")));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, LeavesCutFromTheEndAreFoundByTheHead) {
  const std::string bytes = Read(Path(3));
  Write(Path(3), bytes.substr(0, Offsets(bytes)[4]));
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("names leaf 15")));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, WhoAlsoForgesTheHeadIsFoundByAHeadKeptElsewhere) {
  const std::string known_head = MustVerify().head;
  const std::string bytes = Read(Path(3));
  const std::string cut = bytes.substr(0, Offsets(bytes)[4]);
  Write(Path(3), cut);
  SegmentReader reader = SegmentReader::Make(cut).value();
  while (reader.Next() == SegmentReader::State::kLeaf) {
  }
  WriteHead({.segment = 3,
             .leaves = 14,
             .hash = reader.head(),
             .size_bytes = cut.size(),
             .writing_bytes = cut.size(),
             .closed = true});
  EXPECT_THAT(Problems(), IsEmpty()) << "as the format says: a chain cannot defend its own end";
  EXPECT_THAT(MustVerify(known_head).problems, ElementsAre(HasSubstr("does not contain the head")));
}

TEST_F(TamperTest, SwappedSegmentsAreNamed) {
  const std::string second = Read(Path(2));
  std::filesystem::rename(Path(1), Path(2));
  Write(Path(1), second);
  EXPECT_THAT(Problems(), ::testing::Contains(HasSubstr("segment 1: says it is segment 2")));
  EXPECT_FALSE(Opens());
}

TEST_F(TamperTest, AMissingOrMalformedHeadIsNamed) {
  std::filesystem::remove(folder_ + "/head");
  EXPECT_THAT(Problems(), ElementsAre("the head file is missing"));
  EXPECT_FALSE(Opens());
  for (const char* bad : {"00000003", "hello\n"}) {
    Write(folder_ + "/head", bad);
    EXPECT_THAT(Problems(), ElementsAre("the head file is malformed")) << bad;
    EXPECT_FALSE(Opens());
  }
}

TEST_F(FolderTest, NothingIsNeverAHoldingChain) {
  EXPECT_EQ(Verify(folder_).status().code(), absl::StatusCode::kNotFound);
  std::filesystem::create_directory(folder_);
  EXPECT_THAT(MustVerify().problems, ElementsAre("the folder holds no segment"));
}

}  // namespace
}  // namespace gatehouse::audit
