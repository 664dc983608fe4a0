// The codes of States and organisations in the zone (Doc 9303-3 section 5: ISO 3166-1 and its additions), and the
// two-letter countries that their certificates carry (Doc 9303-12: subject attribute C).
#pragma once

#include <span>
#include <string_view>

namespace gatehouse::mrz {

// One to three letters as printed, trailing fillers allowed: "D", "D<<", "UTO". Codes of former States are known,
// since their documents are still shown.
bool IsKnownState(std::string_view code);

// The countries, upper case, whose certificates may sign a document of this issuing State; several where a State had
// several. Empty for an unknown code, and for one that issues nothing itself (XXA..XXX). Certificates in the field
// write the country in lower case too: compare without case.
std::span<const std::string_view> CertificateCountries(std::string_view issuing_state);

}  // namespace gatehouse::mrz
