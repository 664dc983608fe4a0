// Person names as lists and travellers write them, brought to comparable tokens: Unicode compatibility decomposition,
// case folded, marks and apostrophes dropped ("O'Brien" -> obrien), hyphens and other punctuation taken as breaks
// ("Al-Tikriti" -> al tikriti), every script turned into Latin letters. Cyrillic and Arabic go by the tables in
// normalize.cc, which give the spelling of passports; all other scripts go by ICU. Deterministic for one ICU version.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::names {

inline constexpr size_t kMaxNameBytes = 1024;  // longer text is cut at a character
inline constexpr size_t kMaxTokens = 16;       // further tokens of one name are dropped
inline constexpr size_t kMaxTokenChars = 40;   // further letters of one token are dropped

struct Token {
  std::string text;         // a-z and 0-9, never empty
  bool unvowelled = false;  // from Arabic or Hebrew script, which writes no short vowels: compare consonants
  bool prefix = false;      // cut off by a full field (mrz_name.h): stands for any token that begins so

  friend bool operator==(const Token&, const Token&) = default;
};

// What of a written name no token stands for.
struct LeftOut {
  bool words = false;    // past kMaxTokens
  bool letters = false;  // past kMaxTokenChars, or of a script that nothing turns into Latin letters
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

// The tokens of one written name, in order. Ill-formed UTF-8 is read as replacement characters, which break tokens.
// Fillers of nameless fields (FNU, LNU, XXX, N/A) and bare numbers are dropped, and are not said to be left out.
// Thread-safe.
std::vector<Token> Tokenize(std::string_view utf8, LeftOut* left_out = nullptr);

// Words that say little about who is meant: articles and kinship particles (al, bin, von, de) and titles (dr, haji).
bool IsParticle(std::string_view token);

}  // namespace gatehouse::names
