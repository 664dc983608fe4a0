#include "libs/names/name_index.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::names {
namespace {

// Made-up names; owner = ordinal.
NameIndex Sample() {
  NameIndex index;
  const char* const kNames[] = {"Yusuf Abd al-Karim Zanjabili",
                                "Muhammad Ali",
                                "Muhammad Hassan Ali",
                                "Muhammad Zanjabar",
                                "---",
                                "Ngaruye Wa Myamuro"};
  for (uint32_t i = 0; i < std::size(kNames); ++i) index.Add(i, kNames[i]);
  index.Finish();
  return index;
}

NameEvidence EvidenceFor(const NameIndex& index, std::string_view query, uint32_t name) {
  for (const NameCandidate& candidate : index.Search(NameQuery::FromText(query))) {
    if (candidate.name == name) return candidate.evidence;
  }
  return {};
}

TEST(NameIndexTest, TheWholeNameIsFoundWhole) {
  const NameIndex index = Sample();
  EXPECT_EQ(index.name_count(), 6U);
  const NameEvidence evidence = EvidenceFor(index, "ZANJABILI, Yusuf ABD AL KARIM", 0);
  EXPECT_FLOAT_EQ(evidence.query_share, 1);
  EXPECT_FLOAT_EQ(evidence.list_share, 1);
  EXPECT_EQ(evidence.pairs, 4);
}

TEST(NameIndexTest, JoinedSplitAndMovedBlanks) {
  const NameIndex index = Sample();
  for (const char* query : {"NGARUYEWAMYAMURO", "NGARUYEWA MYAMURO", "NGARUYE W AMYAMURO", "NGARU YE WA MYAMURO"}) {
    EXPECT_GT(EvidenceFor(index, query, 5).query_share, 0.9) << query;
    EXPECT_GT(EvidenceFor(index, query, 5).list_share, 0.9) << query;
  }
}

TEST(NameIndexTest, RareWordsWeighMore) {
  const NameIndex index = Sample();
  EXPECT_GT(EvidenceFor(index, "Zanjabili", 0).weight, EvidenceFor(index, "Muhammad", 1).weight);
}

TEST(NameIndexTest, InitialsPairWhatIsLeft) {
  const NameIndex index = Sample();
  const NameEvidence with = EvidenceFor(index, "Muhammad H Ali", 2);
  const NameEvidence other = EvidenceFor(index, "Muhammad K Ali", 2);
  EXPECT_GT(with.list_share, other.list_share);
}

TEST(NameIndexTest, TruncationForgivesWhatIsMissing) {
  const NameIndex index = Sample();
  const auto candidates = index.Search(NameQuery::FromMrz("NGARUYE<<VERYLONGNAME<INDEED<M"));
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [](const NameCandidate& candidate) { return candidate.name == 5; });
  ASSERT_NE(found, candidates.end());
  EXPECT_GT(found->evidence.list_share, EvidenceFor(index, "NGARUYE VERYLONGNAME INDEED M", 5).list_share);
}

TEST(NameIndexTest, ExplainsInOrderOfTheQuery) {
  const uint32_t wanted[] = {1, 5};
  const auto explained = Sample().Explain(NameQuery::FromText("Ali Mohammad"), wanted);
  ASSERT_EQ(explained.size(), 2U);
  EXPECT_TRUE(explained.at(5).empty()) << "nothing of it is in the query";
  const auto& lines = explained.at(1);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].query_words, "ali");
  EXPECT_EQ(lines[0].rule, TokenRule::kExact);
  EXPECT_EQ(lines[1].list_words, "muhammad");
}

TEST(NameIndexTest, NothingAlikeNothingFound) {
  EXPECT_TRUE(Sample().Search(NameQuery::FromText("Xochitl Quetzalcoatl")).empty());
  EXPECT_TRUE(Sample().Search(NameQuery::FromText("")).empty());
}

TEST(AlignTest, UsesNoWordTwice) {
  const std::vector<WeightedToken> two = {{5, 'a', false}, {5, 'a', false}};
  const std::vector<WeightedToken> one = {{5, 'a', false}};
  const Alignment aligned =
      Align(two, false, one, {{0, 1, 0, 1, 1.0F, TokenRule::kExact}, {1, 1, 0, 1, 1.0F, TokenRule::kExact}});
  EXPECT_EQ(aligned.pairs.size(), 1U);
  EXPECT_FLOAT_EQ(aligned.evidence.query_share, 0.5);
  EXPECT_FLOAT_EQ(aligned.evidence.list_share, 1);
}

}  // namespace
}  // namespace gatehouse::names
