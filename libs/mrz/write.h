// Writes a machine-readable zone with all its check digits: the counterpart of parse.h, for specimens and for cards.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/partial_date.h"
#include "libs/mrz/format.h"
#include "libs/mrz/parse.h"
#include "libs/mrz/transliterate.h"

namespace gatehouse::mrz {

// What stands in the zone. Texts are in the letters of the zone (A-Z, 0-9, `<`) except the names, which may be UTF-8.
struct MrzFields {
  Format format = Format::kTd3;
  std::string document_code;    // "P", "PP", "I", "V"
  std::string issuing_state;    // "D", "UTO"
  std::string document_number;  // over 9 characters on TD1 (to 22) and TD2 (to 14) only
  std::string nationality;
  base::PartialDate birth_date;  // unknown parts become fillers, as do all parts of an empty date
  Sex sex = Sex::kUnspecified;
  base::PartialDate expiry_date;
  std::string primary_identifier;
  std::string secondary_identifier;  // may be empty
  std::string optional_data_1;       // of a TD1 or TD2 with a long number: what follows that number
  std::string optional_data_2;       // TD1 only
  Language name_language = Language::kGeneral;
};

// The lines, each ended by '\n' but the last. INVALID_ARGUMENT names the field that does not fit.
absl::StatusOr<std::string> Write(const MrzFields& fields);

// Both identifiers in a name field of `width` characters without trailing fillers, truncated as Doc 9303-4 section
// 4.2.3 allows: a cut name fills the field and ends with a letter, and keeps the start of the secondary identifier.
// Identifiers are as Transliterate() gives them.
std::string FitName(std::string_view primary, std::string_view secondary, size_t width);

}  // namespace gatehouse::mrz
