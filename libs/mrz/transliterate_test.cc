#include "libs/mrz/transliterate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::mrz {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

std::string Spell(std::string_view name, Language language = Language::kGeneral) {
  const absl::StatusOr<std::string> spelled = Transliterate(name, language);
  return spelled.ok() ? *spelled : std::string(spelled.status().message());
}

TEST(TransliterateTest, TreatsPunctuationAsDoc9303) {
  EXPECT_EQ(Spell("D'Artagnan"), "DARTAGNAN");
  EXPECT_EQ(Spell("D’Artagnan"), "DARTAGNAN");
  EXPECT_EQ(Spell("Marie-Elise"), "MARIE<ELISE");
  EXPECT_EQ(Spell("Anna, Maria"), "ANNA<MARIA");
  EXPECT_EQ(Spell("  van   der  Muellen "), "VAN<DER<MUELLEN");
  EXPECT_EQ(Spell("VAN<DER<MUELLEN"), "VAN<DER<MUELLEN");
  EXPECT_EQ(Spell("J. R."), "J<R");
  EXPECT_EQ(Spell(""), "");
}

TEST(TransliterateTest, SpellsLatinByTableA) {
  EXPECT_EQ(Spell("Müller-Lüdenscheidt"), "MUELLER<LUEDENSCHEIDT");
  EXPECT_EQ(Spell("ÄÖÜẞäöüß"), "AEOEUESSAEOEUESS");
  EXPECT_EQ(Spell("Søren Ångström Æsir Þór Ðan"), "SOEREN<AANGSTROEM<AESIR<THOR<DAN");
  EXPECT_EQ(Spell("Łódź Ľudovít Ňuňo Źrebię žluťoučký"), "LODZ<LUDOVIT<NUNO<ZREBIE<ZLUTOUCKY");
  EXPECT_EQ(Spell("Ioniță Țepeș Erdoğan Işık İnönü ĳzer ÿ"), "IONITA<TEPES<ERDOGAN<ISIK<INOENUE<IJZER<Y");
}

TEST(TransliterateTest, TakesDecomposedAccents) {
  EXPECT_EQ(Spell("Jose\u0301"), "JOSE");
  EXPECT_EQ(Spell("Mu\u0308ller A\u030Angstro\u0308m Mun\u0303oz"), "MUELLER<AANGSTROEM<MUNOZ");
  EXPECT_EQ(Spell("\u0438\u0306\u043e\u0438\u0306", Language::kUkrainian), "YOI");
  EXPECT_EQ(Spell("\u0627\u0654\u062D\u0645\u062F"), "XAEXHMD");
  EXPECT_EQ(Spell(" \u0308A"), "A") << "a mark on nothing";
}

TEST(TransliterateTest, SpellsCyrillicByTableBAndLanguage) {
  EXPECT_EQ(Spell("Щербаков Юлия Подъячев"), "SHCHERBAKOV<IULIIA<PODIEIACHEV");
  EXPECT_EQ(Spell("Хрущёв Ельцин"), "KHRUSHCHEV<ELTSIN");
  EXPECT_EQ(Spell("Щербаков", Language::kBulgarian), "SHTERBAKOV");
  EXPECT_EQ(Spell("Юлія Григорій Їжак Єва", Language::kUkrainian), "YULIIA<HRYHORII<YIZHAK<YEVA");
  EXPECT_EQ(Spell("Ђорђевић Живко Шешељ", Language::kSerbian), "DORDEVIC<ZIVKO<SESELJ");
  EXPECT_EQ(Spell("Ќосев Ѓорѓи", Language::kMacedonian), "KJOSEV<GJORGJI");
}

TEST(TransliterateTest, SpellsArabicByTableC) {
  // Abbas: ain, beh, shadda, alef, seen. The second: feh, dad with a fatha before its shadda, teh marbuta at the end.
  EXPECT_EQ(Spell("\u0639\u0628\u0651\u0627\u0633"), "EBBAS");
  EXPECT_EQ(Spell("\u0641\u0636\u064E\u0651\u0629"), "FXDZDZXAH");
  EXPECT_EQ(Spell("\u0629\u0628 \u0628\u0629"), "XTAB<BXAH");
}

std::vector<std::string> All(std::string_view name, Language language = Language::kGeneral) {
  const absl::StatusOr<TextSet> set = Spellings(name, language);
  return set.ok() ? set->texts : std::vector<std::string>{std::string(set.status().message())};
}

TEST(SpellingsTest, AreAllThatTableAPermits) {
  EXPECT_THAT(All("Müller"), ElementsAre("MUELLER", "MUXXLLER", "MULLER"));
  EXPECT_THAT(All("Åsö Nuño"), ElementsAre("AASOE<NUNO", "AASOE<NUNXXO", "AASO<NUNO", "ASOE<NUNO", "AASO<NUNXXO",
                                           "ASOE<NUNXXO", "ASO<NUNO", "ASO<NUNXXO"));
  EXPECT_THAT(All("José"), ElementsAre("JOSE"));
  EXPECT_THAT(All(""), ElementsAre(""));
  EXPECT_THAT(All("\u5f20"), ElementsAre("name: a letter that Doc 9303-3 section 6 does not transliterate"));
}

TEST(SpellingsTest, HaveTheExceptionsOfEveryLanguageUnlessOneIsNamed) {
  EXPECT_THAT(All("Щукин"), Contains("SHCHUKIN"));
  EXPECT_THAT(All("Щукин"), Contains("SHTUKIN"));
  EXPECT_THAT(All("Щукин", Language::kBulgarian), ElementsAre("SHTUKIN"));
  EXPECT_THAT(All("Їжак", Language::kUkrainian), ElementsAre("YIZHAK"));
  EXPECT_THAT(All("Жуїя", Language::kUkrainian), ElementsAre("ZHUIIA")) << "YI and YA begin words only";
}

TEST(SpellingsTest, AreBounded) {
  std::string name;
  for (int i = 0; i < 500; ++i) name += "Å";
  for (const std::string& long_name : {std::string("ÄÖÜÄÖÜÄÖÜÄÖÜ"), name}) {
    const absl::StatusOr<TextSet> set = Spellings(long_name);
    ASSERT_TRUE(set.ok());
    EXPECT_FALSE(set->complete);
    EXPECT_THAT(set->texts, Not(SizeIs(0)));
    EXPECT_LE(set->texts.size(), kMaxSpellings);
  }
  EXPECT_TRUE(Spellings("Müller")->complete);
}

bool May(std::string_view name, std::string_view mrz, bool truncated = false, Language language = Language::kGeneral) {
  const absl::StatusOr<bool> may = MayBeSpelled(name, mrz, truncated, language);
  return may.ok() && *may;
}

TEST(MayBeSpelledTest, TakesEveryPermittedSpelling) {
  for (const char* spelling : {"MUELLER<LUEDENSCHEIDT", "MULLER LUEDENSCHEIDT", "MUXXLLER<LUDENSCHEIDT"}) {
    EXPECT_TRUE(May("Müller-Lüdenscheidt", spelling)) << spelling;
  }
  for (const char* other : {"MUELER<LUEDENSCHEIDT", "MUELLER", "MUELLER<LUEDENSCHEID", "MUELLERLUEDENSCHEIDT",
                            "MUELLER<LUEDENSCHEIDT<X", ""}) {
    EXPECT_FALSE(May("Müller-Lüdenscheidt", other)) << other;
  }
  EXPECT_TRUE(May("O'Connor", "OCONNOR"));
  EXPECT_TRUE(May("Щукин", "SHTUKIN"));
  EXPECT_FALSE(May("Щукин", "SHCHUKIN", false, Language::kBulgarian));
  EXPECT_TRUE(May("\u0645\u062D\u0645\u062F", "MXHMD"));
  // More spellings than Spellings() would list.
  EXPECT_TRUE(May("ÄÖÜÄÖÜÄÖÜÄÖÜ", "AOUAOUAOUAOU"));
}

TEST(MayBeSpelledTest, ToleratesTruncationWhereItMayHaveHappened) {
  constexpr char kName[] = "Chayapa Dejthamrong Krasüäng";
  EXPECT_TRUE(May(kName, "CHAYAPA<DEJTHAMRONG<K", true));
  EXPECT_TRUE(May(kName, "CHAYAPA<DEJTHAMRONG", true));
  EXPECT_TRUE(May(kName, "CHAYAP<D<KRASUX", true)) << "components give way to later initials; XX may be cut";
  EXPECT_TRUE(May(kName, "", true));
  EXPECT_FALSE(May(kName, "CHAYAPA<DEJTHAMRONG<K"));
  EXPECT_FALSE(May(kName, "CHAYAPA<KRASUANG", true)) << "not cut but left out";
  EXPECT_FALSE(May(kName, "CHAYAPA<DEJTHAMRONG<KRASUANGX", true));
}

TEST(MayBeSpelledTest, ANameThatCannotBeSpelledIsNoAnswer) {
  EXPECT_FALSE(MayBeSpelled("\u5f20", "ZHANG", false).ok());
  EXPECT_FALSE(MayBeSpelled("\xff", "X", true).ok());
  EXPECT_FALSE(May("A", std::string(kMaxNameBytes + 1, 'A'), true));
}

TEST(TransliterateTest, RefusesWhatItCannotSpellAndRepeatsNothing) {
  EXPECT_EQ(Spell("Louis 14"), "name: a digit (Doc 9303-3 section 4.6)");
  EXPECT_EQ(Spell("\u5f20"), "name: a letter that Doc 9303-3 section 6 does not transliterate");
  for (const char* broken : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "A\x80"}) {
    EXPECT_EQ(Spell(broken), "name: not UTF-8");
  }
  EXPECT_EQ(Spell(std::string(kMaxNameBytes + 1, 'A')), "name: too long");
}

}  // namespace
}  // namespace gatehouse::mrz
