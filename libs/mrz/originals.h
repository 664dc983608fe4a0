// From the letters of the machine-readable zone back to what they may stand for: Doc 9303-3 section 6 read backwards.
// Table C (Arabic) is made to be reversed; tables A and B lose letters, so that a set of candidates comes back.
//   Originals("MUELLER", Script::kLatin)     MUELLER, MÜLLER
//   Originals("MXHMD", Script::kArabic)      محمد
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/mrz/lattice.h"
#include "libs/mrz/transliterate.h"

namespace gatehouse::mrz {

enum class Script { kLatin, kCyrillic, kArabic };

inline constexpr size_t kMaxOriginals = 64;

// Names in UTF-8 capitals, one blank between components, that Transliterate() may spell as `mrz` (components divided by
// fillers or blanks). The likeliest first, at most kMaxOriginals; none when the script cannot have given these letters.
//   Latin: the letters themselves first, then those of table A that are written with several letters or a mark X. Base
//   letters are not given every accent they may have lost.
//   Cyrillic: the longest spellings first; `language` has its exceptions, and kGeneral none.
//   Arabic: a doubled letter is read as two letters first, one with a mark X as one letter with shadda first.
// INVALID_ARGUMENT for other characters, or over kMaxNameBytes.
absl::StatusOr<TextSet> Originals(std::string_view mrz, Script script, Language language = Language::kGeneral);

}  // namespace gatehouse::mrz
