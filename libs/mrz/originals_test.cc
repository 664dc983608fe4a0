#include "libs/mrz/originals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::mrz {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> From(std::string_view mrz, Script script, Language language = Language::kGeneral) {
  const absl::StatusOr<TextSet> set = Originals(mrz, script, language);
  return set.ok() ? set->texts : std::vector<std::string>{std::string(set.status().message())};
}

TEST(OriginalsTest, LatinGivesWhatSeveralLettersMayStandFor) {
  EXPECT_THAT(From("MUELLER", Script::kLatin), ElementsAre("MUELLER", "MÜLLER"));
  EXPECT_THAT(From("MUXXLLER", Script::kLatin), Contains("MÜLLER"));
  EXPECT_THAT(From("STRASSE<NUNXXEZ", Script::kLatin), Contains("STRAẞE NUÑEZ"));
  EXPECT_THAT(From("ANNA<<<", Script::kLatin), ElementsAre("ANNA"));
  EXPECT_THAT(From("", Script::kLatin), ElementsAre(""));
}

TEST(OriginalsTest, CyrillicGivesTheLongestSpellingFirst) {
  EXPECT_EQ(From("SHCHUKIN", Script::kCyrillic).front(), "ЩУКИН");
  EXPECT_THAT(From("SHCHUKIN", Script::kCyrillic), Contains("ШЧУКИН"));
  EXPECT_EQ(From("SHTUKIN", Script::kCyrillic, Language::kBulgarian).front(), "ЩУКИН");
  EXPECT_EQ(From("YIZHAK HRYB", Script::kCyrillic, Language::kUkrainian).front(), "ЇЖАК ГРИБ");
  EXPECT_THAT(From("WAX", Script::kCyrillic), IsEmpty()) << "no letter of table B is spelled W or X";
}

TEST(OriginalsTest, ArabicIsReversible) {
  EXPECT_EQ(From("MXHMD", Script::kArabic).front(), "\u0645\u062D\u0645\u062F");
  EXPECT_EQ(From("EBD<ALLH", Script::kArabic).front(), "\u0639\u0628\u062F \u0627\u0644\u0644\u0647");
  EXPECT_THAT(From("EBBAS", Script::kArabic),
              ElementsAre("\u0639\u0628\u0628\u0627\u0633", "\u0639\u0628\u0651\u0627\u0633"));
  EXPECT_EQ(From("FXDZDZXAH", Script::kArabic).front(), "\u0641\u0636\u0651\u0629") << "a mark that stands once";
  EXPECT_THAT(From("OVC", Script::kArabic), IsEmpty());
}

TEST(OriginalsTest, EveryCandidateIsSpelledAsTheZoneIs) {
  struct Case {
    const char* mrz;
    Script script;
    Language language;
  };
  for (const Case& c : {Case{"AESOEUEUXXSSNXXTHIJAA", Script::kLatin, Language::kGeneral},
                        Case{"SHCHERBIUKIAIEZH", Script::kCyrillic, Language::kGeneral},
                        Case{"IUNAK<BXTA", Script::kCyrillic, Language::kUkrainian},
                        Case{"XHMXTA", Script::kArabic, Language::kGeneral},
                        Case{"YEVYIHENIIA<YURII", Script::kCyrillic, Language::kUkrainian},
                        Case{"XAEXHMXXD<XDZDZXSHSHIEXAH", Script::kArabic, Language::kGeneral},
                        Case{"XTABXAH", Script::kArabic, Language::kGeneral}}) {
    for (const std::string& original : From(c.mrz, c.script, c.language)) {
      EXPECT_TRUE(*MayBeSpelled(original, c.mrz, false, c.language)) << c.mrz << " from " << original;
    }
  }
  EXPECT_THAT(From("XTABXAH", Script::kArabic), ElementsAre("\u0629\u0628\u0629"));
}

TEST(OriginalsTest, AreBoundedAndRefuseOtherCharacters) {
  const absl::StatusOr<TextSet> set = Originals(std::string(500, 'E'), Script::kCyrillic);
  ASSERT_TRUE(set.ok());
  EXPECT_FALSE(set->complete);
  EXPECT_LE(set->texts.size(), kMaxOriginals);
  EXPECT_FALSE(Originals(std::string(kMaxNameBytes + 1, 'A'), Script::kLatin).ok());
  for (const char* other : {"ann", "A1", "\xff", "Ä"}) EXPECT_FALSE(Originals(other, Script::kLatin).ok()) << other;
}

}  // namespace
}  // namespace gatehouse::mrz
