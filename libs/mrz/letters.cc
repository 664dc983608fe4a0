#include "libs/mrz/letters.h"

#include <algorithm>
#include <array>
#include <optional>

#include "libs/mrz/check_digit.h"

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

// Letters that a decomposed text writes in two characters, where the letter is spelled otherwise than its base.
struct Composition {
  char32_t base;
  char32_t mark;
  char32_t letter;
};
constexpr auto kCompositions = std::to_array<Composition>({
    {U'A', 0x308, U'Ä'},
    {U'O', 0x308, U'Ö'},
    {U'U', 0x308, U'Ü'},
    {U'A', 0x30A, U'Å'},
    {U'N', 0x303, U'Ñ'},
    {U'Е', 0x308, U'Ё'},
    {U'І', 0x308, U'Ї'},
    {U'И', 0x306, U'Й'},
    {U'У', 0x306, U'Ў'},
    {U'Г', 0x301, U'Ѓ'},
    {U'К', 0x301, U'Ќ'},
    // Arabic letters with madda or hamza.
    {0x627, 0x653, 0x622},
    {0x627, 0x654, 0x623},
    {0x648, 0x654, 0x624},
    {0x627, 0x655, 0x625},
    {0x64A, 0x654, 0x626},
    {0x6D5, 0x654, 0x6C0},
    {0x6C1, 0x654, 0x6C2},
    {0x6D2, 0x654, 0x6D3},
});

bool Compose(char32_t mark, std::u32string& component) {
  if (component.empty()) return false;
  for (const Composition& row : kCompositions) {
    if (row.mark != mark || row.base != component.back()) continue;
    component.back() = row.letter;
    return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<std::u32string>> ReadComponents(std::string_view name) {
  if (name.size() > kMaxNameBytes) return absl::InvalidArgumentError("name: too long");
  std::vector<std::u32string> components;
  bool divided = true;
  while (!name.empty()) {
    const std::optional<char32_t> code = NextCodePoint(name);
    if (!code) return absl::InvalidArgumentError("name: not UTF-8");
    const char32_t letter = Capital(*code);
    if (Separates(letter)) {
      divided = true;
      continue;
    }
    if (!divided && Compose(letter, components.back())) continue;
    if (Dropped(letter)) continue;
    if (Within(letter, '0', '9')) return absl::InvalidArgumentError("name: a digit (Doc 9303-3 section 4.6)");
    if (divided) components.emplace_back();
    divided = false;
    components.back().push_back(letter);
  }
  return components;
}

void AppendUtf8(char32_t letter, std::string& out) {
  const auto continuation = [letter](int shift) { return static_cast<char>(0x80 | (letter >> shift & 0x3F)); };
  if (letter < 0x80) {
    out.push_back(static_cast<char>(letter));
  } else if (letter < 0x800) {
    out.append({static_cast<char>(0xC0 | letter >> 6), continuation(0)});
  } else if (letter < 0x10000) {
    out.append({static_cast<char>(0xE0 | letter >> 12), continuation(6), continuation(0)});
  } else {
    out.append({static_cast<char>(0xF0 | letter >> 18), continuation(12), continuation(6), continuation(0)});
  }
}

}  // namespace gatehouse::mrz
