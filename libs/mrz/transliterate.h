// Names of the visual zone in the letters of the machine-readable zone: Doc 9303-3 section 4.6 (punctuation) and the
// recommended transliterations of section 6: Latin (table A), Cyrillic (B) and Arabic (C). originals.h goes back.
//   Transliterate("Müller")                       "MUELLER"
//   Spellings("Müller")                           MUELLER, MUXXLLER, MULLER
//   MayBeSpelled("Müller", "MULLER", false)       true
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/mrz/lattice.h"
#include "libs/mrz/letters.h"

namespace gatehouse::mrz {

// Table B has exceptions by language. kGeneral: not known; then any of them is permitted, after the general spelling.
enum class Language { kGeneral, kBelarusian, kBulgarian, kMacedonian, kSerbian, kUkrainian };

// A name, or the primary or secondary identifier of one, in UTF-8, to components of A-Z divided by one filler:
// "Müller-Lüdenscheidt" -> "MUELLER<LUEDENSCHEIDT". Where the standard permits several spellings the first is taken.
// Blanks, hyphens, commas and fillers divide components; an apostrophe and other punctuation is dropped. Empty for a
// name without letters. INVALID_ARGUMENT for a digit, a letter the tables lack, broken UTF-8, or over kMaxNameBytes;
// the message never repeats the name.
absl::StatusOr<std::string> Transliterate(std::string_view name, Language language = Language::kGeneral);

inline constexpr size_t kMaxSpellings = 64;

// Every permitted spelling, that of Transliterate() first, then by the number of letters spelled otherwise; at most
// kMaxSpellings. Fails as Transliterate().
absl::StatusOr<TextSet> Spellings(std::string_view name, Language language = Language::kGeneral);

// Whether the identifier `mrz`, with fillers or blanks between its components, may stand for `name`. Every permitted
// spelling is compared, however many. With `truncated` (ParsedMrz::name_truncated) components may be cut to their
// beginning and the last ones missing, as Doc 9303-4 section 4.2.3 allows. Fails as Transliterate(): a name that cannot
// be spelled was not compared, which is neither yes nor no.
absl::StatusOr<bool> MayBeSpelled(std::string_view name, std::string_view mrz, bool truncated,
                                  Language language = Language::kGeneral);

}  // namespace gatehouse::mrz
