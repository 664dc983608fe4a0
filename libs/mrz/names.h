// The name field of the zone, Doc 9303-3 section 4.6: components divided by one filler, the primary identifier divided
// from the secondary by two, fillers to the end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::mrz {

// "VAN<DER<MUELLEN<<MARTIN<<<" -> "VAN DER MUELLEN" and "MARTIN". All that follows the first division is secondary; a
// name without one is primary.
std::string PrimaryIdentifier(std::string_view name);
std::string SecondaryIdentifier(std::string_view name);

// False for a name that begins with a filler or is divided twice. `name` is without its trailing fillers.
bool IsWellDivided(std::string_view name);

// Both identifiers in a name field of `width` characters, without trailing fillers, truncated as Doc 9303-4 section
// 4.2.3 allows: a cut name fills the field and ends with a letter, and keeps the start of the secondary identifier.
// Identifiers are as Transliterate() gives them; `width` is that of a layout (30 and more).
std::string FitName(std::string_view primary, std::string_view secondary, size_t width);

}  // namespace gatehouse::mrz
