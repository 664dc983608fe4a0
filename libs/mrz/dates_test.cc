#include "libs/mrz/dates.h"

#include <gtest/gtest.h>

namespace gatehouse::mrz {
namespace {

using base::PartialDate;

constexpr absl::CivilDay kToday(2026, 6, 15);

TEST(BirthDateTest, IsTheLatestNotAfterToday) {
  EXPECT_EQ(ReadBirthDate("740812", kToday).date, (PartialDate{1974, 8, 12}));
  EXPECT_EQ(ReadBirthDate("260615", kToday).date, (PartialDate{2026, 6, 15})) << "born today";
  EXPECT_EQ(ReadBirthDate("260616", kToday).date, (PartialDate{1926, 6, 16})) << "tomorrow is no birthday";
}

TEST(BirthDateTest, KeepsBothCenturiesOfOneWhoMayBeOverAHundred) {
  EXPECT_EQ(ReadBirthDate("200101", kToday).other, (PartialDate{1920, 1, 1}));
  EXPECT_EQ(ReadBirthDate("740812", kToday).other, std::nullopt) << "nobody is 151";
  EXPECT_EQ(ReadBirthDate("260616", kToday).other, std::nullopt);
}

TEST(BirthDateTest, LeapDayDecidesTheCentury) {
  const DateReading reading = ReadBirthDate("000229", kToday);
  EXPECT_EQ(reading.date, (PartialDate{2000, 2, 29}));
  EXPECT_EQ(reading.other, std::nullopt) << "1900 was no leap year";
}

TEST(BirthDateTest, KeepsUnknownParts) {
  EXPECT_EQ(ReadBirthDate("74<<<<", kToday).date, (PartialDate{1974, 0, 0}));
  EXPECT_EQ(ReadBirthDate("7408<<", kToday).date, (PartialDate{1974, 8, 0}));
  EXPECT_EQ(ReadBirthDate("<<0812", kToday).date, (PartialDate{0, 8, 12}));
  EXPECT_TRUE(ReadBirthDate("<<<<<<", kToday).date.empty());
  EXPECT_EQ(ReadBirthDate("26<<<<", kToday).date, (PartialDate{2026, 0, 0})) << "some day of this year is past";
  EXPECT_EQ(ReadBirthDate("74<<12", kToday).date, (PartialDate{1974, 0, 0})) << "a day without a month says nothing";
}

TEST(ExpiryDateTest, IsTheNearestAfterBirth) {
  EXPECT_EQ(ReadExpiryDate("120415", kToday, {1974, 8, 12}).date, (PartialDate{2012, 4, 15}));
  EXPECT_EQ(ReadExpiryDate("361231", kToday, {1974, 8, 12}).date, (PartialDate{2036, 12, 31}));
  EXPECT_EQ(ReadExpiryDate("991231", kToday, {1974, 8, 12}).date, (PartialDate{1999, 12, 31}));
  EXPECT_EQ(ReadExpiryDate("991231", kToday, {2001, 1, 1}).date, (PartialDate{2099, 12, 31})) << "nobody had it unborn";
  EXPECT_EQ(ReadExpiryDate("050101", absl::CivilDay(1998, 1, 1), {}).date, (PartialDate{2005, 1, 1}));
}

TEST(ExpiryDateTest, KeepsBothCenturiesHalfACenturyAway) {
  EXPECT_EQ(ReadExpiryDate("780101", kToday, {}).date, (PartialDate{1978, 1, 1}));
  EXPECT_EQ(ReadExpiryDate("780101", kToday, {}).other, (PartialDate{2078, 1, 1}));
  EXPECT_EQ(ReadExpiryDate("780101", kToday, {1990, 1, 1}).date, (PartialDate{2078, 1, 1}));
  EXPECT_EQ(ReadExpiryDate("780101", kToday, {1990, 1, 1}).other, std::nullopt) << "before the bearer was born";
  EXPECT_EQ(ReadExpiryDate("360415", kToday, {}).other, std::nullopt);
}

TEST(DateTest, TellsTheImpossible) {
  for (const char* possible : {"740812", "000229", "240229", "<<<<<<", "74<<<<", "7402<<", "<<0229"}) {
    EXPECT_TRUE(IsPossibleDate(possible)) << possible;
  }
  for (const char* impossible :
       {"741312", "740012", "740800", "740832", "740631", "230229", "7<0812", "74081", "", "74O812", "7408123"}) {
    EXPECT_FALSE(IsPossibleDate(impossible)) << impossible;
    EXPECT_TRUE(ReadBirthDate(impossible, kToday).date.empty()) << impossible;
    EXPECT_TRUE(ReadExpiryDate(impossible, kToday, {}).date.empty()) << impossible;
  }
}

TEST(DateTest, LettersAreNoDateCharacters) {
  EXPECT_TRUE(HasDateCharacters("74<<<<"));
  EXPECT_TRUE(HasDateCharacters("999999"));
  EXPECT_FALSE(HasDateCharacters("74O812"));
  EXPECT_FALSE(HasDateCharacters("7408"));
}

}  // namespace
}  // namespace gatehouse::mrz
