#include "libs/mrz/states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::mrz {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(StatesTest, KnowsWhatDoc9303Lists) {
  for (const char* code :
       {"D",   "D<<", "DEU", "FRA", "GBR", "GBD", "GBN", "GBO", "GBP", "GBS", "RKS", "UTO", "UNO", "UNA",
        "UNK", "EUE", "XXA", "XXB", "XXC", "XXX", "XOM", "XPO", "XBA", "XIM", "XCC", "XCE", "XCO", "XEC",
        "XES", "XMP", "XDC", "ANT", "NTZ", "IAO", "ZAR", "ROM", "YUG", "SUN", "FXX", "BYS"}) {
    EXPECT_TRUE(IsKnownState(code)) << code;
  }
}

TEST(StatesTest, RefusesTheRest) {
  for (const char* code :
       {"", "<", "<<<", "XYZ", "BOS", "DE", "DE<", "<D<", "D<D", "uto", "UT0", "UTOO", "\xff\xff\xff"}) {
    EXPECT_FALSE(IsKnownState(code)) << code;
    EXPECT_THAT(CertificateCountries(code), IsEmpty()) << code;
  }
}

TEST(StatesTest, NamesTheCountriesOfCertificates) {
  EXPECT_THAT(CertificateCountries("D"), ElementsAre("DE"));
  EXPECT_THAT(CertificateCountries("D<<"), ElementsAre("DE"));
  EXPECT_THAT(CertificateCountries("FRA"), ElementsAre("FR"));
  EXPECT_THAT(CertificateCountries("GBD"), ElementsAre("GB"));
  EXPECT_THAT(CertificateCountries("RKS"), ElementsAre("KS", "XK"));
  EXPECT_THAT(CertificateCountries("EUE"), ElementsAre("EU"));
  EXPECT_THAT(CertificateCountries("UTO"), ElementsAre("UT"));
  EXPECT_THAT(CertificateCountries("UNO"), ElementsAre("UN", "ZZ"));
  EXPECT_THAT(CertificateCountries("TWN"), ElementsAre("TW"));
  EXPECT_THAT(CertificateCountries("HKG"), ElementsAre("HK", "CN"));
  EXPECT_THAT(CertificateCountries("FXX"), ElementsAre("FR"));
  EXPECT_THAT(CertificateCountries("XXA"), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::mrz
