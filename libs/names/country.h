// Country names and codes as lists, travellers and machine-readable zones write them -> the three letters of
// Doc 9303-3 section 5.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::names {

// "Iraq", "iq", "IRQ", "Iran (Islamic Republic of)", "D", "GBN" -> IRQ, IRN, D -> DEU, GBN -> GBR; special codes of
// Doc 9303 (UNO, XXA, RKS, EUE ...) stay as they are. Empty when the text names no country. Thread-safe.
std::string CountryCode(std::string_view text);

}  // namespace gatehouse::names
