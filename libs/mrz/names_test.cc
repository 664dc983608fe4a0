#include "libs/mrz/names.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::mrz {
namespace {

TEST(IdentifierTest, AreDividedByTwoFillers) {
  EXPECT_EQ(PrimaryIdentifier("VAN<DER<MUELLEN<<MARTIN<<<"), "VAN DER MUELLEN");
  EXPECT_EQ(SecondaryIdentifier("VAN<DER<MUELLEN<<MARTIN<<<"), "MARTIN");
  EXPECT_EQ(PrimaryIdentifier("ARKFREITH<<<<"), "ARKFREITH");
  EXPECT_EQ(SecondaryIdentifier("ARKFREITH<<<<"), "");
  EXPECT_EQ(SecondaryIdentifier("SILVA<<CARVALHO<<FERNANDA"), "CARVALHO FERNANDA");
  EXPECT_EQ(PrimaryIdentifier(""), "");
  EXPECT_EQ(SecondaryIdentifier("<<<<"), "");
}

TEST(IdentifierTest, AreWellDividedOnce) {
  for (const char* good : {"ERIKSSON<<ANNA<MARIA", "ARKFREITH", "SATRIYA<SUDARPA", ""}) {
    EXPECT_TRUE(IsWellDivided(good)) << good;
  }
  for (const char* odd : {"<ERIKSSON", "<<ANNA", "A<<B<<C", "A<<<B"}) EXPECT_FALSE(IsWellDivided(odd)) << odd;
}

TEST(FitNameTest, CutsAsDoc9303Shows) {
  EXPECT_EQ(FitName("ERIKSSON", "ANNA<MARIA", 39), "ERIKSSON<<ANNA<MARIA");
  EXPECT_EQ(FitName("PAPANDROPOULOUS", "JONATHON<WARREN<TREVOR", 39), "PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR");
  EXPECT_EQ(FitName("NILAVADHANANANDA", "CHAYAPA<DEJTHAMRONG<KRASUANG", 39), "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K");
  EXPECT_EQ(FitName("NILAVADHANANANDA", "ARNPOL<PETCH<CHARONGUANG", 39), "NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU");
  EXPECT_EQ(FitName("VILARCHAO<FERNANDEZ", "JOSE<RAMON", 30), "VILARCHAO<FERNANDEZ<<JOSE<RAMO");
}

TEST(FitNameTest, ACutNameFillsItsFieldEndsWithALetterAndKeepsBothIdentifiers) {
  const std::string primary = "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNAMBOOL";
  for (const size_t width : {30u, 31u, 39u}) {
    for (size_t start = 0; start < 12; ++start) {
      const std::string name = FitName(primary.substr(start), "DINGO<POTOROO", width);
      SCOPED_TRACE(name);
      EXPECT_EQ(name.size(), width);
      EXPECT_NE(name.back(), '<');
      EXPECT_NE(name.find("<<D"), std::string::npos);
      EXPECT_EQ(name.find("<<<"), std::string::npos);
    }
    EXPECT_EQ(FitName(primary, "", width).size(), width);
  }
  // The cut meets a separator: the component before it gives a letter to the next one's initial.
  EXPECT_EQ(FitName("ABCDE", "JOHN<ALEC", 12), "ABCDE<<JOH<A");
  EXPECT_EQ(FitName("ABCDE", "J<A<B", 9), "ABCDE<<J") << "initials cannot give way";
}

}  // namespace
}  // namespace gatehouse::mrz
