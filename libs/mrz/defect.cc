#include "libs/mrz/defect.h"

#include <array>

namespace gatehouse::mrz {
namespace {

// In the order of the enum.
constexpr std::array<DefectInfo, kDefectCount> kDefects = {{
    {"text_too_long", "", "the text is longer than any machine-readable zone", true},
    {"unknown_format", "", "the lines have the size of no travel document (3x30, 2x36 or 2x44 characters)", true},
    {"illegal_character", "", "a character is neither a digit, a capital letter A-Z nor the filler <", true},
    {"number_check_digit_wrong", "document_number", "the check digit of the document number is wrong", true},
    {"long_number_check_failed", "document_number",
     "a filler stands for the check digit of the document number, but no longer number with a right check digit "
     "follows in the optional data",
     true},
    {"long_number_filler_missing", "document_number",
     "no filler follows the check digit of a document number of more than 9 characters", false},
    {"birth_date_check_digit_wrong", "birth_date", "the check digit of the date of birth is wrong", true},
    {"expiry_check_digit_wrong", "expiry_date", "the check digit of the date of expiry is wrong", true},
    {"optional_check_digit_wrong", "optional_data_1", "the check digit of the optional data is wrong", true},
    {"composite_check_digit_wrong", "", "the composite check digit is wrong", true},
    {"birth_date_characters", "birth_date", "the date of birth holds something else than digits and fillers", true},
    {"birth_date_impossible", "birth_date", "the date of birth is not in the calendar", false},
    {"expiry_date_characters", "expiry_date", "the date of expiry holds something else than digits and fillers", true},
    {"expiry_date_impossible", "expiry_date", "the date of expiry is not in the calendar", false},
    {"document_code_nonstandard", "document_code", "the document code does not belong to a document of this size",
     false},
    {"document_number_missing", "document_number", "there is no document number", false},
    {"issuing_state_unknown", "issuing_state", "the code of the issuing State is not in Doc 9303-3", false},
    {"nationality_unknown", "nationality", "the code of the nationality is not in Doc 9303-3", false},
    {"sex_x", "sex", "X is printed for an unspecified sex where Doc 9303 asks for a filler", false},
    {"sex_invalid", "sex", "the sex is neither M, F nor a filler", false},
    {"name_missing", "primary_identifier", "there is no name", false},
    {"name_characters", "primary_identifier", "the name holds a digit", false},
    {"name_separators", "primary_identifier",
     "the fillers do not divide the name into one primary and one secondary identifier", false},
}};

constexpr uint32_t kInvalidating = [] {
  uint32_t bits = 0;
  for (size_t i = 0; i < kDefects.size(); ++i) bits |= uint32_t{kDefects[i].invalidates} << i;
  return bits;
}();

}  // namespace

const DefectInfo& Describe(Defect defect) { return kDefects[static_cast<size_t>(defect)]; }

bool DefectSet::invalidates() const { return (bits_ & kInvalidating) != 0; }

std::vector<Defect> DefectSet::List() const {
  std::vector<Defect> defects;
  for (int i = 0; i < kDefectCount; ++i) {
    if (Has(static_cast<Defect>(i))) defects.push_back(static_cast<Defect>(i));
  }
  return defects;
}

}  // namespace gatehouse::mrz
