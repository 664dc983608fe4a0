// Names of the visual zone as capital letters, whatever form of UTF-8 they came in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::mrz {

// Longer names are refused unread.
inline constexpr size_t kMaxNameBytes = 1024;

// "Müller-Lüdenscheidt" -> {U"MÜLLER", U"LÜDENSCHEIDT"}: capitals, an accent that follows its letter joined with it,
// other marks and punctuation dropped. Blanks, hyphens, commas and fillers divide (Doc 9303-3 section 4.6).
// INVALID_ARGUMENT for a digit, broken UTF-8, or a name over kMaxNameBytes; the message never repeats the name.
absl::StatusOr<std::vector<std::u32string>> ReadComponents(std::string_view name);

// A Unicode scalar value in UTF-8.
void AppendUtf8(char32_t letter, std::string& out);

}  // namespace gatehouse::mrz
