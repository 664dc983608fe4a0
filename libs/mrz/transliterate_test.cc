#include "libs/mrz/transliterate.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::mrz {
namespace {

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

TEST(TransliterateTest, TakesDecomposedAccents) { EXPECT_EQ(Spell("Jose\xcc\x81"), "JOSE"); }

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
