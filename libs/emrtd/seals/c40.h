// C40, the packing of text in seals (Doc 9303-13 section 2.6.1, ISO/IEC 16022): three values of 0 to 39 in two bytes,
// with shift values for what is not a capital letter, a digit or a blank, and FE to leave it for the last character.
// The filler `<` of a machine-readable zone is packed as a blank.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd::seals {

using pki::Bytes;

// Longer texts are refused; the longest feature has 254 bytes, and an address less than a hundred characters.
inline constexpr size_t kMaxC40Bytes = 4096;

// Latin-1 octets above 7F (upper shift) become UTF-8. INVALID_ARGUMENT names `field`.
absl::StatusOr<std::string> DecodeC40(Bytes bytes, std::string_view field);

// The bytes that `characters` capital letters and digits fill.
constexpr size_t C40Bytes(size_t characters) { return (characters + 2) / 3 * 2; }

// Capital letters, digits, blanks and fillers; `<` becomes a blank. What remains of the last three is padded, or
// written after FE, as the standard says.
absl::StatusOr<std::vector<uint8_t>> EncodeC40(std::string_view text, std::string_view field);

}  // namespace gatehouse::emrtd::seals
