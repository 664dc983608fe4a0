#include "libs/mrz/transliterate.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/mrz/check_digit.h"
#include "libs/mrz/transliteration_tables.h"

namespace gatehouse::mrz {
namespace {

using Alternatives = std::vector<std::string>;

void AddOnce(std::string_view spelling, Alternatives& out) {
  if (std::find(out.begin(), out.end(), spelling) == out.end()) out.emplace_back(spelling);
}

template <size_t N>
void AddFrom(const std::array<Spelling, N>& table, char32_t letter, Alternatives& out) {
  for (const Spelling& row : table) {
    if (row.letters.find(letter) != std::u32string_view::npos) AddOnce(row.spelling, out);
  }
}

void AddNational(Language language, char32_t letter, bool first, Alternatives& out) {
  for (const NationalSpelling& row : kNational) {
    const bool permitted = language == Language::kGeneral || row.language == language;
    if (permitted && row.letter == letter && (first || !row.first_only)) AddOnce(row.spelling, out);
  }
}

// Where a letter stands in its component.
struct Place {
  bool first;
  bool last;  // of those that are written
};

// The preferred spelling first; none when no table has the letter.
Alternatives SpellingsOf(char32_t letter, Place place, Language language) {
  if (letter >= 'A' && letter <= 'Z') return {std::string(1, static_cast<char>(letter))};
  Alternatives out;
  if (language != Language::kGeneral) AddNational(language, letter, place.first, out);
  // A language that has its own spelling has no other.
  if (!out.empty()) return out;
  AddFrom(kLatin, letter, out);
  for (const OtherSpelling& row : kLatinOther) {
    if (row.letter == letter) AddOnce(row.spelling, out);
  }
  AddFrom(kCyrillic, letter, out);
  if (language == Language::kGeneral) AddNational(language, letter, place.first, out);
  for (const ArabicSpelling& row : kArabic) {
    if (row.letter == letter) {
      AddOnce(letter == kArabicTehMarbuta && place.last ? kFinalTehMarbuta : row.spelling, out);
    }
  }
  return out;
}

bool IsWritten(char32_t letter) {
  return std::none_of(kArabic.begin(), kArabic.end(),
                      [letter](const ArabicSpelling& row) { return row.letter == letter && row.spelling.empty(); });
}

// What a shadda doubles: the letter before it without its mark, which stands once (dad doubled is XDZDZ).
Alternatives Doubled(const Alternatives& letter) {
  Alternatives out;
  for (const std::string& spelling : letter) {
    AddOnce(std::string_view(spelling).substr(std::min(spelling.find_first_not_of(kArabicMark), spelling.size())), out);
  }
  return out.empty() ? Alternatives{""} : out;
}

// One node a letter.
absl::StatusOr<Lattice> LatticeOf(const std::u32string& component, Language language) {
  Lattice lattice;
  Alternatives written;  // of the last letter that is written; a vowel sign may stand between it and its shadda
  bool first = true;
  for (size_t i = 0; i < component.size(); ++i) {
    Alternatives spellings;
    if (component[i] == kArabicShadda) {
      spellings = Doubled(written);
    } else {
      const bool last = std::none_of(component.begin() + static_cast<ptrdiff_t>(i) + 1, component.end(), IsWritten);
      spellings = SpellingsOf(component[i], {first, last}, language);
      if (spellings.empty()) {
        return absl::InvalidArgumentError("name: a letter that Doc 9303-3 section 6 does not transliterate");
      }
      if (!spellings.front().empty()) {
        written = spellings;
        first = false;
      }
    }
    std::vector<Edge>& edges = lattice.emplace_back();
    for (std::string& spelling : spellings) edges.push_back({std::move(spelling), i + 1});
  }
  return lattice;
}

// The components of a name, without those of which nothing is written.
absl::StatusOr<std::vector<Lattice>> LatticesOf(std::string_view name, Language language) {
  GH_ASSIGN_OR_RETURN(const std::vector<std::u32string> components, ReadComponents(name));
  std::vector<Lattice> lattices;
  for (const std::u32string& component : components) {
    GH_ASSIGN_OR_RETURN(Lattice lattice, LatticeOf(component, language));
    if (FitOf(lattice, "") != Fit::kWhole) lattices.push_back(std::move(lattice));
  }
  return lattices;
}

absl::StatusOr<TextSet> SpellUpTo(size_t limit, std::string_view name, Language language) {
  GH_ASSIGN_OR_RETURN(const std::vector<Lattice> components, LatticesOf(name, language));
  Lattice whole;
  for (const Lattice& component : components) {
    if (!whole.empty()) whole.push_back({{std::string(1, kFiller), whole.size() + 1}});
    const size_t start = whole.size();
    for (const std::vector<Edge>& edges : component) {
      whole.push_back(edges);
      for (Edge& edge : whole.back()) edge.to += start;
    }
  }
  return TextsOf(whole, limit);
}

std::vector<std::string_view> ComponentsOf(std::string_view identifier) {
  constexpr std::string_view kDividers = "< ";
  std::vector<std::string_view> components;
  for (size_t at = 0; (at = identifier.find_first_not_of(kDividers, at)) != std::string_view::npos;) {
    const size_t end = std::min(identifier.find_first_of(kDividers, at), identifier.size());
    components.push_back(identifier.substr(at, end - at));
    at = end;
  }
  return components;
}

}  // namespace

absl::StatusOr<std::string> Transliterate(std::string_view name, Language language) {
  GH_ASSIGN_OR_RETURN(TextSet spellings, SpellUpTo(1, name, language));
  return std::move(spellings.texts.front());
}

absl::StatusOr<TextSet> Spellings(std::string_view name, Language language) {
  return SpellUpTo(kMaxSpellings, name, language);
}

absl::StatusOr<bool> MayBeSpelled(std::string_view name, std::string_view mrz, bool truncated, Language language) {
  GH_ASSIGN_OR_RETURN(const std::vector<Lattice> visual, LatticesOf(name, language));
  // No zone holds more: what is longer stands for no name.
  if (mrz.size() > kMaxNameBytes) return false;
  const std::vector<std::string_view> printed = ComponentsOf(mrz);
  if (printed.size() > visual.size() || (printed.size() < visual.size() && !truncated)) return false;
  for (size_t i = 0; i < printed.size(); ++i) {
    const Fit fit = FitOf(visual[i], printed[i]);
    if (fit == Fit::kNone || (fit == Fit::kBeginning && !truncated)) return false;
  }
  return true;
}

}  // namespace gatehouse::mrz
