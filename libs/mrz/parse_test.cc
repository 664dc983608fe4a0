#include "libs/mrz/parse.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::mrz {
namespace {

// The specimens of Doc 9303 parts 4 to 7, appendix B.
constexpr std::string_view kTd3 =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n";
constexpr std::string_view kTd1 =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n"
    "7408122F1204159UTO<<<<<<<<<<<6\n"
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n";
constexpr std::string_view kTd2 =
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
    "D231458907UTO7408122F1204159<<<<<<<6\n";
constexpr std::string_view kMrvA =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<\n";
constexpr std::string_view kMrvB =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
    "L8988901C4XXX4009078F9612109<<<<<<<<\n";

TEST(ParseTest, ReadsThePassportSpecimen) {
  const ParsedMrz mrz = Parse(kTd3);
  EXPECT_EQ(mrz.format(), Format::kTd3);
  EXPECT_TRUE(mrz.valid());
  EXPECT_TRUE(mrz.defects().empty());
  EXPECT_EQ(mrz.document_code(), "P");
  EXPECT_EQ(mrz.issuing_state(), "UTO");
  EXPECT_EQ(mrz.document_number(), "L898902C3");
  EXPECT_EQ(mrz.nationality(), "UTO");
  EXPECT_EQ(mrz.birth_date(), "740812");
  EXPECT_EQ(mrz.sex(), Sex::kFemale);
  EXPECT_EQ(mrz.expiry_date(), "120415");
  EXPECT_EQ(mrz.optional_data_1(), "ZE184226B");
  EXPECT_EQ(mrz.primary_identifier(), "ERIKSSON");
  EXPECT_EQ(mrz.secondary_identifier(), "ANNA MARIA");
  EXPECT_FALSE(mrz.name_truncated());
}

}  // namespace
}  // namespace gatehouse::mrz
