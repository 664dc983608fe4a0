#include <gtest/gtest.h>

#include "libs/names/birth_date.h"
#include "libs/names/country.h"
#include "libs/names/fold.h"
#include "libs/names/identity_score.h"
#include "libs/names/mrz_name.h"
#include "libs/names/normalize.h"
#include "libs/names/similarity.h"

namespace gatehouse::names {
namespace {

std::string Words(std::string_view text) {
  std::string words;
  for (const Token& token : Tokenize(text)) words += (words.empty() ? "" : " ") + token.text;
  return words;
}

TEST(TokenizeTest, ApostrophesJoinHyphensBreakMarksFall) {
  EXPECT_EQ(Words("O'Brien-Smith"), "obrien smith");
  EXPECT_EQ(Words("ʿAbd al-Raḥmān"), "abd al rahman");
  EXPECT_EQ(Words("Müller, Åsa Ñandú"), "muller asa nandu");
  EXPECT_EQ(Words("ＡＬＩ"), "ali") << "full-width letters";
  EXPECT_EQ(Words("FNU Khan 1963"), "khan");
}

TEST(TokenizeTest, TurnsScriptsIntoLatin) {
  EXPECT_EQ(Words("Щербаков Юрий"), "shcherbakov yuriy");
  EXPECT_EQ(Words("التكريتي"), "al tkryty");
  EXPECT_EQ(Words("李 小龙"), "li xiao long");
  EXPECT_EQ(Words("Παπαδόπουλος"), "papadopoulos");
  EXPECT_TRUE(Tokenize("صدام")[0].unvowelled);
  EXPECT_FALSE(Tokenize("Саддам")[0].unvowelled);
}

TEST(TokenizeTest, IsBoundedAndSurvivesBadBytes) {
  EXPECT_LE(Tokenize(std::string(100'000, 'a'))[0].text.size(), kMaxTokenChars);
  std::string many;
  for (int i = 0; i < 400; ++i) many += "ab ";
  EXPECT_EQ(Tokenize(many).size(), kMaxTokens);
  LeftOut left_out;
  (void)Tokenize(many, &left_out);
  EXPECT_TRUE(left_out.words);
  EXPECT_EQ(Words("a\xFF\xC3(b"), "a b");
  EXPECT_TRUE(Tokenize("").empty());
  EXPECT_TRUE(Tokenize(" -,' ").empty());
  for (const char* strange : {"\u0640", "\u0487", "\u06D5", "\uFDFA", "\u1C80", "\u200D"}) Tokenize(strange);
}

TEST(MrzNameTest, AFullFieldIsTruncated) {
  EXPECT_FALSE(ParseMrzName("DOE<<JANE<<<<<<<<<<<<<<<<<<<<<").truncated);
  const MrzName cut = ParseMrzName("AL<MADEUP<<QUSAY<SADDAM<HUSSEI");
  EXPECT_TRUE(cut.truncated);
  ASSERT_EQ(cut.tokens.size(), 5U);
  EXPECT_TRUE(cut.tokens.back().prefix);
  EXPECT_FALSE(cut.tokens.front().prefix);
  EXPECT_FALSE(ParseMrzName("").truncated);
}

TEST(FoldTest, OneNameInManySpellings) {
  EXPECT_EQ(Fold("hussein"), Fold("husayn"));
  EXPECT_EQ(Fold("youssef"), Fold("yusef"));
  EXPECT_EQ(Fold("qasim"), Fold("kassim"));
  EXPECT_EQ(Fold("mikhail"), Fold("mihail"));
  EXPECT_EQ(Fold("abdallah"), Fold("abdalla"));
  EXPECT_EQ(Fold("yanukovych"), Fold("ianukovich"));
  EXPECT_NE(Fold("salim"), Fold("karim"));
  EXPECT_EQ(Skeleton("muhammad"), Skeleton("mhmd"));
}

TEST(JaroWinklerTest, KnownValues) {
  EXPECT_NEAR(JaroWinkler("martha", "marhta"), 0.9611, 1e-4);
  EXPECT_NEAR(JaroWinkler("dwayne", "duane"), 0.84, 1e-4);
  EXPECT_NEAR(JaroWinkler("dixon", "dicksonx"), 0.8133, 1e-4);
  EXPECT_EQ(JaroWinkler("", ""), 1);
  EXPECT_EQ(JaroWinkler("a", ""), 0);
  EXPECT_EQ(JaroWinkler("abc", "xyz"), 0);
}

TokenSimilarity Compare(const char* a, const char* b) { return CompareTokens(TokenForm({a}), TokenForm({b})); }

TEST(CompareTokensTest, RulesAndTheirOrder) {
  EXPECT_EQ(Compare("salim", "salim").rule, TokenRule::kExact);
  EXPECT_EQ(Compare("husayn", "hussein").rule, TokenRule::kSpelling);
  EXPECT_EQ(Compare("s", "salim").rule, TokenRule::kInitial);
  EXPECT_EQ(Compare("salim", "slaim").rule, TokenRule::kTypo);
  EXPECT_EQ(Compare("salim", "karkov").rule, TokenRule::kNone);
  EXPECT_EQ(CompareTokens(TokenForm({"hsyn", true}), TokenForm({"hussein"})).rule, TokenRule::kConsonants);
  EXPECT_EQ(CompareTokens(TokenForm({"hus", false, true}), TokenForm({"hussein"})).rule, TokenRule::kPrefix);
  EXPECT_EQ(Compare("hus", "hussein").rule, TokenRule::kNone) << "only a cut token is a prefix";
}

TEST(CompareTokensTest, IsSymmetric) {
  for (const char* a : {"muhammad", "mohamed", "mahmud", "ali", "aly", "petrovich", "petrovych"}) {
    for (const char* b : {"muhammad", "mohamed", "mahmud", "ali", "aly", "petrovich", "petrovych"}) {
      EXPECT_DOUBLE_EQ(Compare(a, b).value, Compare(b, a).value) << a << " " << b;
    }
  }
  EXPECT_GT(Compare("muhammad", "mohamed").value, Compare("muhammad", "mahmud").value);
}

TEST(BirthDateTest, TypedPrecision) {
  const auto compare = [](base::PartialDate seen, ListedBirth listed) { return CompareBirth(seen, listed); };
  EXPECT_EQ(compare({1971, 3, 14}, {{1971, 3, 14}}), BirthEvidence::kFullDate);
  EXPECT_EQ(compare({1971, 1, 1}, {{1971, 1, 1}}), BirthEvidence::kPlaceholder);
  EXPECT_EQ(compare({1971, 1, 1}, {{1971, 3, 14}}), BirthEvidence::kYear);
  EXPECT_EQ(compare({1971, 0, 0}, {{1971, 3, 14}}), BirthEvidence::kYear);
  EXPECT_EQ(compare({1971, 3, 0}, {{1971, 3, 14}}), BirthEvidence::kYearMonth);
  EXPECT_EQ(compare({1971, 4, 3}, {{1971, 3, 4}}), BirthEvidence::kSwapped);
  EXPECT_EQ(compare({1972, 3, 14}, {{1971, 3, 14}}), BirthEvidence::kNearDate);
  EXPECT_EQ(compare({1971, 3, 15}, {{1971, 3, 14}}), BirthEvidence::kNearDate);
  EXPECT_EQ(compare({1971, 9, 20}, {{1971, 3, 14}}), BirthEvidence::kSameYearOnly);
  EXPECT_EQ(compare({1972, 0, 0}, {{1971, 0, 0}}), BirthEvidence::kNearYear);
  EXPECT_EQ(compare({1973, 0, 0}, {{1971, 0, 0}, 0, 0, true}), BirthEvidence::kNearYear);
  EXPECT_EQ(compare({1973, 0, 0}, {{1971, 0, 0}}), BirthEvidence::kFewYearsOff);
  EXPECT_EQ(compare({1972, 5, 6}, {{}, 1970, 1975}), BirthEvidence::kInSpan);
  EXPECT_EQ(compare({1990, 5, 6}, {{}, 1970, 1975}), BirthEvidence::kContradicts);
  EXPECT_EQ(compare({}, {{1971, 3, 14}}), BirthEvidence::kUnknown);
  EXPECT_EQ(compare({1971, 3, 14}, {}), BirthEvidence::kUnknown);
  EXPECT_GT(BirthGain(BirthEvidence::kFullDate), BirthGain(BirthEvidence::kYear));
  EXPECT_LT(BirthGain(BirthEvidence::kContradicts), BirthGain(BirthEvidence::kUnknown));
}

TEST(CountryTest, CodesAndNames) {
  for (const char* iran : {"IRN", "ir", "Iran", "Iran (Islamic Republic of)"}) EXPECT_EQ(CountryCode(iran), "IRN");
  EXPECT_EQ(CountryCode("Democratic People's Republic of Korea"), "PRK");
  EXPECT_EQ(CountryCode("Bosnia and Herzegovina"), "BIH");
  EXPECT_EQ(CountryCode("Türkiye"), "TUR");
  EXPECT_EQ(CountryCode("Côte d'Ivoire"), "CIV");
  EXPECT_EQ(CountryCode("na"), "NAM");
  EXPECT_EQ(CountryCode("D<<"), "DEU");
  EXPECT_EQ(CountryCode("XXA"), "XXA");
  EXPECT_EQ(CountryCode("Atlantis"), "");
  EXPECT_EQ(CountryCode(""), "");
}

TEST(IdentityScoreTest, EachPieceOfEvidenceMovesTheScore) {
  IdentityEvidence evidence;
  evidence.name = {1, 1, 12, 2};
  const double base = IdentityScore(evidence);
  EXPECT_GT(base, 0);
  IdentityEvidence better = evidence;
  better.birth = BirthEvidence::kFullDate;
  EXPECT_GT(IdentityScore(better), base);
  EXPECT_LT(IdentityScore(better), 100);
  IdentityEvidence common = evidence;
  common.name.weight = 4;
  EXPECT_LT(IdentityScore(common), base) << "a common name says less";
  IdentityEvidence doubtful = evidence;
  doubtful.weak_alias = true;
  EXPECT_LT(IdentityScore(doubtful), base);
  IdentityEvidence other = evidence;
  other.sex = Agreement::kDiffers;
  EXPECT_LT(IdentityScore(other), base);
}

}  // namespace
}  // namespace gatehouse::names
