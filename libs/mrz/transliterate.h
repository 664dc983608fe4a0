// Names of the visual zone in the letters of the machine-readable zone: Doc 9303-3 section 4.6 (punctuation) and the
// recommended transliterations of section 6: Latin (table A), Cyrillic (B) and Arabic (C).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gatehouse::mrz {

inline constexpr size_t kMaxNameBytes = 1024;

// Table B has exceptions by language.
enum class Language { kGeneral, kBelarusian, kBulgarian, kMacedonian, kSerbian, kUkrainian };

// A name, or the primary or secondary identifier of one, in UTF-8, to components of A-Z divided by one filler:
// "Müller-Lüdenscheidt" -> "MUELLER<LUEDENSCHEIDT". Where the standard recommends several spellings the first is taken.
// Blanks, hyphens, commas and fillers divide components; an apostrophe and other punctuation is dropped. Empty for a
// name without letters. INVALID_ARGUMENT for a digit, a letter the tables lack, broken UTF-8, or over kMaxNameBytes;
// the message never repeats the name.
absl::StatusOr<std::string> Transliterate(std::string_view name, Language language = Language::kGeneral);

}  // namespace gatehouse::mrz
