#include "libs/audit/intents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "libs/audit/search.h"
#include "libs/audit/segment.h"

namespace gatehouse::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPerson[] = "01a22f39-45c6-7e41-b335-ca82330f2b02";

Leaf MakeLeaf(Kind kind, std::string officer = "officer-1", std::string verb = "/a.B/C") {
  Leaf leaf{.kind = kind,
            .time = absl::FromUnixSeconds(1'790'000'000),
            .call_id = "01a22f39-461f-71ef-8f6f-e22f5aadcf60",
            .identity = "desk-7",
            .officer = std::move(officer),
            .role = "officer",
            .purpose = "border_inspection",
            .verb = std::move(verb)};
  if (kind == Kind::kOutcome) {
    leaf.outcome = "OK";
    leaf.subjects = {kPerson};
  }
  return leaf;
}

Leaf Reread(const Leaf& leaf) { return DecodeLeaf(EncodeLeaves(leaf).front()).value(); }

TEST(IntentsTest, AnOutcomeIsShortAndGetsBackWhatItsIntentSays) {
  Intents intents;
  Leaf intent = Reread(MakeLeaf(Kind::kIntent));
  Leaf outcome = Reread(MakeLeaf(Kind::kOutcome));
  EXPECT_TRUE(outcome.officer.empty()) << "it is written once";
  EXPECT_LT(EncodeLeaves(MakeLeaf(Kind::kOutcome)).front().size(), 40u);
  EXPECT_TRUE(intents.Complete(intent));
  EXPECT_EQ(intents.open(), 1);
  ASSERT_TRUE(intents.Complete(outcome));
  EXPECT_EQ(outcome.officer, "officer-1");
  EXPECT_EQ(outcome.identity, "desk-7");
  EXPECT_EQ(outcome.call_id, intent.call_id);
  EXPECT_EQ(outcome.verb, "/a.B/C");
  EXPECT_EQ(intents.open(), 0);
}

TEST(IntentsTest, CallsOfOneIdAreToldByVerbAndCaller) {
  Intents intents;
  Leaf outer = Reread(MakeLeaf(Kind::kIntent));
  Leaf inner = Reread(MakeLeaf(Kind::kIntent, "officer-1", "/a.B/Inner"));
  ASSERT_TRUE(intents.Complete(outer) && intents.Complete(inner));
  Leaf outer_done = Reread(MakeLeaf(Kind::kOutcome));
  Leaf inner_done = Reread(MakeLeaf(Kind::kOutcome, "officer-1", "/a.B/Inner"));
  ASSERT_TRUE(intents.Complete(inner_done) && intents.Complete(outer_done));
  EXPECT_EQ(inner_done.verb, "/a.B/Inner");
  EXPECT_EQ(outer_done.verb, "/a.B/C");
}

TEST(IntentsTest, AnOutcomeOfManySubjectsIsSeveralLeavesOfOneIntent) {
  Leaf many = MakeLeaf(Kind::kOutcome);
  many.subjects.assign(kMaxSubjects + 1, kPerson);
  const std::vector<std::string> contents = EncodeLeaves(many);
  ASSERT_THAT(contents, SizeIs(2));
  Intents intents;
  Leaf intent = Reread(MakeLeaf(Kind::kIntent));
  ASSERT_TRUE(intents.Complete(intent));
  for (const std::string& content : contents) {
    Leaf part = DecodeLeaf(content).value();
    ASSERT_TRUE(intents.Complete(part));
    EXPECT_EQ(part.officer, "officer-1");
  }
}

TEST(IntentsTest, WithoutItsIntentNobodyIsNamed) {
  Intents intents;
  Leaf other = Reread(MakeLeaf(Kind::kIntent, "officer-2"));
  ASSERT_TRUE(intents.Complete(other));
  Leaf outcome = Reread(MakeLeaf(Kind::kOutcome));
  EXPECT_FALSE(intents.Complete(outcome));
  EXPECT_EQ(outcome.officer, "");
}

TEST(IntentsTest, EveryFormOfTextComesBackAsItWas) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("OK"), std::string("border_inspection"), std::string(kPerson),
        absl::StrCat("document:2026Q4:", std::string(32, 'a')), std::string(32, '0'), std::string(191, 'q'),
        std::string(192, 'q'), std::string(1024, 'q'), std::string("01A22F39-461F-71EF-8F6F-E22F5AADCF60"),
        absl::StrCat(std::string(192, 'p'), std::string(32, '1')),
        absl::StrCat(std::string(191, 'p'), std::string(32, '1'))}) {
    Leaf leaf = MakeLeaf(Kind::kIntent);
    leaf.purpose = text;
    EXPECT_EQ(Reread(leaf).purpose, text);
  }
}

// A form that is longer than it need be would let two leaves say the same.
TEST(IntentsTest, ATextHasOneForm) {
  std::string content = EncodeLeaves(MakeLeaf(Kind::kOutcome)).front();
  const size_t outcome_at = 1 + 8 + 8;
  ASSERT_EQ(static_cast<uint8_t>(content[outcome_at]), 0xC0) << "OK is a known word";
  content.replace(outcome_at, 1, std::string("\x02OK", 3));
  EXPECT_FALSE(DecodeLeaf(content).ok());
}

TEST(IntentsTest, ALeafThatEndsInsideATextIsDamaged) {
  for (const Kind kind : {Kind::kIntent, Kind::kOutcome, Kind::kRefusal}) {
    const std::string whole = EncodeLeaves(MakeLeaf(kind)).front();
    for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(DecodeLeaf(whole.substr(0, size)).ok()) << size;
  }
}

// The segment with the intent is gone: what was done is found, and that nobody knows by whom is said.
TEST(IntentsTest, ASearchSaysThatIntentsAreMissing) {
  const std::string folder = ::testing::TempDir() + "audit_without_intents";
  std::filesystem::remove_all(folder);
  {
    auto log = Open({.folder = folder, .process = "test"}).value();
    ASSERT_TRUE(log->Append(MakeLeaf(Kind::kIntent)).ok());
  }
  {
    auto log = Open({.folder = folder, .process = "test"}).value();
    ASSERT_TRUE(log->Append(MakeLeaf(Kind::kOutcome)).ok());
  }
  const SearchOptions options{.folders = {folder}};
  const Findings whole = Search({.officer = "officer-1"}, options).value();
  EXPECT_THAT(whole.found, SizeIs(2));
  EXPECT_TRUE(whole.complete());

  std::filesystem::remove(folder + "/00000001.seg");
  const Findings of_officer = Search({.officer = "officer-1"}, options).value();
  EXPECT_THAT(of_officer.found, IsEmpty());
  ASSERT_FALSE(of_officer.complete()) << "nothing found is no answer";
  EXPECT_THAT(of_officer.problems.back(), HasSubstr("whose intents are not in these folders"));
  const Findings of_person = Search({.person = kPerson}, options).value();
  EXPECT_THAT(of_person.found, SizeIs(1));
  EXPECT_FALSE(of_person.complete());
}

}  // namespace
}  // namespace gatehouse::audit
