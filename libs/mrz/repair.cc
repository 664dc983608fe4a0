#include "libs/mrz/repair.h"

#include <algorithm>
#include <array>

#include "libs/mrz/check_digit.h"
#include "libs/mrz/states.h"

namespace gatehouse::mrz {
namespace {

constexpr std::string_view kLetters = "OIBSZG";
constexpr std::string_view kDigits = "018526";

// The other character of a pair; 0 for one that is in none.
char Counterpart(char c) {
  if (const size_t i = kLetters.find(c); i != std::string_view::npos) return kDigits[i];
  if (const size_t i = kDigits.find(c); i != std::string_view::npos) return kLetters[i];
  return 0;
}

enum class Kind : uint8_t { kOther, kLetter, kDigit, kEither };

// What may stand at each position of a zone.
using Kinds = std::array<Kind, kMaxMrzCharacters>;

void Mark(Kinds& kinds, Span span, Kind kind) { std::fill_n(kinds.begin() + span.at, span.size, kind); }

void Mark(Kinds& kinds, uint8_t position, Kind kind) {
  if (position != kNoPosition) kinds[position] = kind;
}

// Where the check digit of a long number stands; kNoPosition for a number of one field.
uint8_t LongNumberCheck(const Layout& layout, std::string_view text) {
  if (!layout.long_number || text[layout.number_check] != kFiller) return kNoPosition;
  const std::string_view optional = layout.optional_1.In(text);
  const size_t end = std::min(optional.find(kFiller), optional.size());
  return end < 2 ? kNoPosition : static_cast<uint8_t>(layout.optional_1.at + end - 1);
}

Kinds KindsOf(const Layout& layout, std::string_view text) {
  Kinds kinds{};
  Mark(kinds, layout.document_code, Kind::kLetter);
  Mark(kinds, layout.issuing_state, Kind::kLetter);
  Mark(kinds, layout.nationality, Kind::kLetter);
  Mark(kinds, layout.name, Kind::kLetter);
  Mark(kinds, layout.number, Kind::kEither);
  // No check digit covers the optional data of a visa.
  if (!layout.visa()) Mark(kinds, layout.optional_1, Kind::kEither);
  Mark(kinds, layout.optional_2, Kind::kEither);
  Mark(kinds, layout.birth_date, Kind::kDigit);
  Mark(kinds, layout.expiry_date, Kind::kDigit);
  for (const uint8_t check : {layout.number_check, layout.birth_date_check, layout.expiry_check, layout.optional_check,
                              layout.composite_check, LongNumberCheck(layout, text)}) {
    Mark(kinds, check, Kind::kDigit);
  }
  return kinds;
}

// Swaps all that the alphabet of its field decides. A State that no such swap makes known stays as it was read.
std::string WithDecidedSwaps(const Layout& layout, std::string_view read, const Kinds& kinds) {
  std::string text(read);
  for (size_t i = 0; i < text.size(); ++i) {
    const bool wrong =
        (kinds[i] == Kind::kLetter && IsDigit(text[i])) || (kinds[i] == Kind::kDigit && IsLetter(text[i]));
    if (const char other = Counterpart(text[i]); wrong && other != 0) text[i] = other;
  }
  for (const Span span : {layout.issuing_state, layout.nationality}) {
    if (!IsKnownState(span.In(text))) text.replace(span.at, span.size, span.In(read));
  }
  return text;
}

// Every set of at most kMaxChosenSwaps places, the small ones first, so that a set is known to hold a right one.
class Search {
 public:
  Search(std::string text, const Kinds& kinds, DefectSet allowed) : text_(std::move(text)), allowed_(allowed) {
    for (size_t i = 0; i < text_.size(); ++i) {
      if (kinds[i] == Kind::kEither && Counterpart(text_[i]) != 0) places_.push_back(static_cast<uint8_t>(i));
    }
  }

  // The only right text, if it is the only one.
  std::optional<std::string> Run() {
    for (int size = 0; size <= kMaxChosenSwaps && !several_; ++size) Choose(0, size);
    return several_ ? std::nullopt : found_;
  }

 private:
  void Choose(size_t first, int left) {
    if (left == 0) return Try();
    for (size_t i = first; i + static_cast<size_t>(left) <= places_.size() && !several_; ++i) {
      chosen_.push_back(places_[i]);
      if (!HoldsFound()) Choose(i + 1, left - 1);
      chosen_.pop_back();
    }
  }

  // True when the set found first is part of the present one: nothing asks for more.
  bool HoldsFound() const {
    return found_ && std::includes(chosen_.begin(), chosen_.end(), found_places_.begin(), found_places_.end());
  }

  void Try() {
    if (HoldsFound()) return;
    std::string text = text_;
    for (const uint8_t place : chosen_) text[place] = Counterpart(text[place]);
    const ParsedMrz mrz = Parse(text);
    if (!mrz.valid()) return;
    for (const Defect defect : mrz.defects().List()) {
      if (!allowed_.Has(defect)) return;
    }
    several_ = found_.has_value();
    found_ = std::move(text);
    found_places_ = chosen_;
  }

  const std::string text_;
  const DefectSet allowed_;
  std::vector<uint8_t> places_;
  std::vector<uint8_t> chosen_;  // ascending
  std::optional<std::string> found_;
  std::vector<uint8_t> found_places_;
  bool several_ = false;
};

}  // namespace

std::optional<Repair> FindRepair(const ParsedMrz& read) {
  const Layout* layout = LayoutOf(read.format());
  if (layout == nullptr || read.defects().empty()) return std::nullopt;
  const Kinds kinds = KindsOf(*layout, read.text());
  std::optional<std::string> text = Search(WithDecidedSwaps(*layout, read.text(), kinds), kinds, read.defects()).Run();
  if (!text || *text == read.text()) return std::nullopt;
  Repair repair{.text = *std::move(text), .swaps = {}};
  for (size_t i = 0; i < repair.text.size(); ++i) {
    if (const char from = read.text()[i]; from != repair.text[i]) {
      repair.swaps.push_back({.position = static_cast<uint8_t>(i), .from = from, .to = repair.text[i]});
    }
  }
  return repair;
}

}  // namespace gatehouse::mrz
