#include "libs/mrz/transliterate.h"

#include <algorithm>
#include <optional>

#include "libs/mrz/check_digit.h"
#include "libs/mrz/transliteration_tables.h"

namespace gatehouse::mrz {
namespace {

// Takes one code point off the front; nullopt for what is not well-formed UTF-8 (overlong forms and surrogates too).
std::optional<char32_t> NextCodePoint(std::string_view& text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t size = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
  if (size == 0 || text.size() < size) return std::nullopt;
  char32_t code = size == 1 ? lead : lead & (0x7F >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  text.remove_prefix(size);
  return code;
}

bool Within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// The capital letter of the alphabets in the tables; any other character as it is.
char32_t Capital(char32_t c) {
  if (Within(c, 'a', 'z') || (Within(c, 0xE0, 0xFE) && c != 0xF7) || Within(c, 0x430, 0x44F)) return c - 0x20;
  if (c == 0xDF) return 0x1E9E;
  if (c == 0xFF) return 0x178;
  if (Within(c, 0x450, 0x45F)) return c - 0x50;
  // Pairs of one capital and one small letter; in these two runs the capital is the odd one.
  if (Within(c, 0x139, 0x148) || Within(c, 0x179, 0x17E)) return c % 2 == 0 ? c - 1 : c;
  if (Within(c, 0x100, 0x177) || Within(c, 0x218, 0x21B) || Within(c, 0x460, 0x4BB)) return c & ~char32_t{1};
  return c;
}

bool Separates(char32_t c) {
  return c == ' ' || c == '-' || c == ',' || c == static_cast<char32_t>(kFiller) || c == '\t' || c == 0xA0 ||
         Within(c, 0x2010, 0x2015);
}

// Punctuation, and marks that an alphabet we know adds to a letter: joiners, and accents of a decomposed text.
bool Dropped(char32_t c) {
  return Within(c, '!', '/') || Within(c, ':', '@') || Within(c, '[', '`') || Within(c, '{', '~') || c == 0xB4 ||
         c == 0xB7 || c == 0x2BC || Within(c, 0x300, 0x36F) || Within(c, 0x200B, 0x200F) || Within(c, 0x2018, 0x201F);
}

template <size_t N>
std::optional<std::string_view> Find(const std::array<Spelling, N>& table, char32_t letter) {
  for (const Spelling& row : table) {
    if (row.letters.find(letter) != std::u32string_view::npos) return row.spelling;
  }
  return std::nullopt;
}

std::optional<std::string_view> FindNational(Language language, char32_t letter, bool first) {
  for (const NationalSpelling& row : kNational) {
    if (row.language == language && row.letter == letter && (first || !row.first_only)) return row.spelling;
  }
  return std::nullopt;
}

std::optional<std::string_view> FindArabic(char32_t letter, bool last) {
  if (letter == kArabicTehMarbuta && last) return "XAH";
  for (const ArabicSpelling& row : kArabic) {
    if (row.letter == letter) return row.spelling;
  }
  return std::nullopt;
}

// Builds the components letter by letter.
class NameWriter {
 public:
  explicit NameWriter(Language language) : language_(language) {}

  void EndComponent() {
    if (!text_.empty() && text_.back() != kFiller) text_.push_back(kFiller);
    last_letter_.clear();
  }

  // False when no table has the letter. `last`: nothing, or a separator, follows.
  bool Add(char32_t letter, bool last) {
    if (letter == kArabicShadda) {
      // The mark X stands once: dad doubled is XDZDZ.
      text_ += last_letter_.substr(std::min(last_letter_.find_first_not_of('X'), last_letter_.size()));
      return true;
    }
    const bool first = text_.empty() || text_.back() == kFiller;
    std::optional<std::string_view> spelling = FindNational(language_, letter, first);
    if (!spelling) spelling = Find(kLatin, letter);
    if (!spelling) spelling = Find(kCyrillic, letter);
    if (!spelling) spelling = FindArabic(letter, last);
    if (Within(letter, 'A', 'Z')) {
      last_letter_ = static_cast<char>(letter);
    } else if (spelling) {
      // A mark that is not written stands between a letter and its shadda.
      if (!spelling->empty()) last_letter_ = *spelling;
      if (spelling->empty()) return true;
    } else {
      return false;
    }
    text_ += last_letter_;
    return true;
  }

  std::string Take() {
    if (!text_.empty() && text_.back() == kFiller) text_.pop_back();
    return std::move(text_);
  }

 private:
  const Language language_;
  std::string text_;
  std::string last_letter_;
};

}  // namespace

absl::StatusOr<std::string> Transliterate(std::string_view name, Language language) {
  if (name.size() > kMaxNameBytes) return absl::InvalidArgumentError("name: too long");
  NameWriter writer(language);
  while (!name.empty()) {
    const std::optional<char32_t> code = NextCodePoint(name);
    if (!code) return absl::InvalidArgumentError("name: not UTF-8");
    const char32_t letter = Capital(*code);
    if (Separates(letter)) {
      writer.EndComponent();
      continue;
    }
    if (Dropped(letter)) continue;
    if (Within(letter, '0', '9')) return absl::InvalidArgumentError("name: a digit (Doc 9303-3 section 4.6)");
    std::string_view rest = name;
    const std::optional<char32_t> next = rest.empty() ? std::nullopt : NextCodePoint(rest);
    if (!writer.Add(letter, !next || Separates(*next))) {
      return absl::InvalidArgumentError("name: a letter that Doc 9303-3 section 6 does not transliterate");
    }
  }
  return writer.Take();
}

}  // namespace gatehouse::mrz
