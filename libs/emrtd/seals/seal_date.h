// Dates in seals: the digits MMDDYYYY as a number of three bytes (Doc 9303-13 section 2.6.2), and the same with a byte
// before it that marks unknown digits (ICAO Datastructure for Barcode). An impossible date is kept as its digits.
#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd::seals {

struct SealDate {
  std::string digits;                 // MMDDYYYY, with x for unknown ones; empty when the seal has no such date
  std::optional<absl::CivilDay> day;  // when it is one, wholly known

  bool present() const { return !digits.empty(); }
  // A date of the calendar, or one whose unknown digits leave it possible.
  bool possible() const;
  // "2020-01-31", "19xx-10-xx"; an impossible one as its digits, "05175710".
  std::string text() const;
};

// Three bytes; other sizes give an absent date.
SealDate ReadSealDate(pki::Bytes bytes);
// Four bytes, the first of them the mask: the highest bit stands for the first digit.
SealDate ReadMaskedDate(pki::Bytes bytes);
std::string WriteSealDate(absl::CivilDay day);
// Four bytes without a mask.
std::string WriteMaskedDate(absl::CivilDay day);

}  // namespace gatehouse::emrtd::seals
