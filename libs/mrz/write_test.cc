#include "libs/mrz/write.h"

#include <gtest/gtest.h>

namespace gatehouse::mrz {
namespace {

// The bearer of the specimens of Doc 9303.
MrzFields Eriksson() {
  MrzFields fields;
  fields.format = Format::kTd3;
  fields.document_code = "P";
  fields.issuing_state = "UTO";
  fields.document_number = "L898902C3";
  fields.nationality = "UTO";
  fields.birth_date = {1974, 8, 12};
  fields.sex = Sex::kFemale;
  fields.expiry_date = {2012, 4, 15};
  fields.primary_identifier = "Eriksson";
  fields.secondary_identifier = "Anna Maria";
  fields.optional_data_1 = "ZE184226B";
  return fields;
}

TEST(WriteTest, MakesThePassportSpecimen) {
  EXPECT_EQ(*Write(Eriksson()),
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
}

TEST(WriteTest, MakesTheCardSpecimen) {
  MrzFields fields = Eriksson();
  fields.format = Format::kTd1;
  fields.document_code = "I";
  fields.document_number = "D23145890";
  fields.optional_data_1 = "";
  EXPECT_EQ(*Write(fields),
            "I<UTOD231458907<<<<<<<<<<<<<<<\n"
            "7408122F1204159UTO<<<<<<<<<<<6\n"
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
}

}  // namespace
}  // namespace gatehouse::mrz
