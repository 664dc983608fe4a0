#include "libs/mrz/originals.h"

#include <algorithm>
#include <string>
#include <vector>

#include "libs/mrz/check_digit.h"
#include "libs/mrz/letters.h"
#include "libs/mrz/transliteration_tables.h"

namespace gatehouse::mrz {
namespace {

enum class Where { kAnywhere, kFirst, kNotFirst, kLast, kNotLast };

// One row of a table read backwards.
struct Reading {
  std::string_view spelling;
  char32_t letter;
  Where where = Where::kAnywhere;  // in its component

  bool MayStand(size_t at, size_t component_size) const {
    switch (where) {
      case Where::kFirst:
        return at == 0;
      case Where::kNotFirst:
        return at > 0;
      case Where::kLast:
        return at + spelling.size() == component_size;
      case Where::kNotLast:
        return at + spelling.size() < component_size;
      case Where::kAnywhere:
        break;
    }
    return true;
  }
};

std::vector<Reading> LatinReadings() {
  std::vector<Reading> readings;
  for (char32_t letter = 'A'; letter <= 'Z'; ++letter) {
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    readings.push_back({kAlphabet.substr(letter - 'A', 1), letter});
  }
  for (const Spelling& row : kLatin) {
    for (const char32_t letter : row.letters) {
      if (row.spelling.size() > 1) readings.push_back({row.spelling, letter});
    }
  }
  for (const OtherSpelling& row : kLatinOther) {
    if (row.spelling.size() > 1) readings.push_back({row.spelling, row.letter});
  }
  return readings;
}

std::vector<Reading> CyrillicReadings(Language language) {
  std::vector<Reading> readings;
  for (const NationalSpelling& row : kNational) {
    if (row.language == language) {
      readings.push_back({row.spelling, row.letter, row.first_only ? Where::kFirst : Where::kAnywhere});
    }
  }
  // Where a language has its own spelling, the general one is not its.
  const auto has = [language](char32_t letter, bool first_only) {
    return std::any_of(kNational.begin(), kNational.end(), [&](const NationalSpelling& row) {
      return row.language == language && row.letter == letter && row.first_only == first_only;
    });
  };
  for (const Spelling& row : kCyrillic) {
    for (const char32_t letter : row.letters) {
      if (row.spelling.empty() || has(letter, /*first_only=*/false)) continue;
      readings.push_back(
          {row.spelling, letter, has(letter, /*first_only=*/true) ? Where::kNotFirst : Where::kAnywhere});
    }
  }
  // Stable: letters of one spelling stay in the order of the tables.
  std::stable_sort(readings.begin(), readings.end(),
                   [](const Reading& a, const Reading& b) { return a.spelling.size() > b.spelling.size(); });
  return readings;
}

std::vector<Reading> ArabicReadings() {
  std::vector<Reading> readings;
  for (const ArabicSpelling& row : kArabic) {
    if (row.spelling.empty()) continue;
    readings.push_back(
        {row.spelling, row.letter, row.letter == kArabicTehMarbuta ? Where::kNotLast : Where::kAnywhere});
  }
  readings.push_back({kFinalTehMarbuta, kArabicTehMarbuta, Where::kLast});
  return readings;
}

std::vector<Reading> ReadingsOf(Script script, Language language) {
  switch (script) {
    case Script::kCyrillic:
      return CyrillicReadings(language);
    case Script::kArabic:
      return ArabicReadings();
    case Script::kLatin:
      break;
  }
  return LatinReadings();
}

// Adds one node a character of `component`.
void AddComponent(std::string_view component, const std::vector<Reading>& readings, bool arabic, Lattice& lattice) {
  const size_t start = lattice.size();
  for (size_t at = 0; at < component.size(); ++at) {
    std::vector<Edge>& edges = lattice.emplace_back();
    const std::string_view rest = component.substr(at);
    for (const Reading& reading : readings) {
      if (!rest.starts_with(reading.spelling) || !reading.MayStand(at, component.size())) continue;
      const size_t size = reading.spelling.size();
      Edge edge{"", start + at + size};
      AppendUtf8(reading.letter, edge.text);
      const size_t mark = std::min(reading.spelling.find_first_not_of(kArabicMark), size);
      const std::string_view doubled = reading.spelling.substr(mark);
      if (arabic && !doubled.empty() && rest.substr(size).starts_with(doubled)) {
        Edge with_shadda{edge.text, edge.to + doubled.size()};
        AppendUtf8(kArabicShadda, with_shadda.text);
        // Behind a mark the same letters once more are hardly a letter of their own.
        const bool likelier = mark > 0;
        edges.push_back(likelier ? with_shadda : edge);
        edges.push_back(likelier ? edge : with_shadda);
      } else {
        edges.push_back(std::move(edge));
      }
    }
  }
}

}  // namespace

absl::StatusOr<TextSet> Originals(std::string_view mrz, Script script, Language language) {
  if (mrz.size() > kMaxNameBytes) return absl::InvalidArgumentError("mrz: too long");
  const auto divides = [](char c) { return c == kFiller || c == ' '; };
  if (!std::all_of(mrz.begin(), mrz.end(), [&](char c) { return IsLetter(c) || divides(c); })) {
    return absl::InvalidArgumentError("mrz: only A-Z, < and blanks stand in a name");
  }
  const std::vector<Reading> readings = ReadingsOf(script, language);
  Lattice lattice;
  while (!mrz.empty()) {
    const auto end = std::find_if(mrz.begin(), mrz.end(), divides);
    const std::string_view component = mrz.substr(0, static_cast<size_t>(end - mrz.begin()));
    mrz.remove_prefix(std::min(component.size() + 1, mrz.size()));
    if (component.empty()) continue;
    if (!lattice.empty()) lattice.push_back({{" ", lattice.size() + 1}});
    AddComponent(component, readings, script == Script::kArabic, lattice);
  }
  return TextsOf(lattice, kMaxOriginals);
}

}  // namespace gatehouse::mrz
