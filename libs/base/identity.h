// Who a travel document says its bearer is, as several services speak of it (gatehouse.type.v1 on the wire). Values
// only; personal: whoever keeps one keeps it as base::Redacted<Identity>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/partial_date.h"

namespace gatehouse::base {

enum class Sex : uint8_t { kUnspecified, kFemale, kMale, kX };

// A name in the parts a travel document has (Doc 9303-3 section 4.6). `full` stands alone when the parts are not known.
struct PersonName {
  std::string primary;
  std::string secondary;
  std::string full;
  std::string mrz_name;  // the name field of the MRZ as read, fillers included; may be truncated
  friend bool operator==(const PersonName&, const PersonName&) = default;
};

// What a travel document is called.
struct DocumentKey {
  std::string number;  // as printed
  std::string issuer;  // the letters of Doc 9303-3 section 5
  std::string type;    // the document code of the MRZ: P, I, A, C, V ...
  bool empty() const { return number.empty(); }
  friend bool operator==(const DocumentKey&, const DocumentKey&) = default;
};

struct Identity {
  PersonName name;
  PartialDate birth_date;
  Sex sex = Sex::kUnspecified;
  std::string nationality;  // alpha-3 or a special code of Doc 9303-3
  DocumentKey document;
  PartialDate expiry_date;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// What printing and keying add to a code or a number (blanks, hyphens, fillers, small letters) taken out of it.
std::string LettersAndDigits(std::string_view text);

// The letters of a State for comparison: LettersAndDigits, and DEU for Germany's single D (Doc 9303-3 section 5), which
// other systems and people also write so.
std::string CountryLetters(std::string_view text);

// Issuer and number in one canonical text: equal for equal documents, for keyed look-up hashes. Nothing when the number
// holds neither letter nor digit.
std::optional<std::string> DocumentText(const DocumentKey& document);

}  // namespace gatehouse::base
