// How alike two written words are, 0 to 1. Pure functions over Latin letters; symmetric.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/names/normalize.h"

namespace gatehouse::names {

// Jaro-Winkler (Winkler 1990: prefix scale 0.1, at most 4 letters). 1 for two empty words.
double JaroWinkler(std::string_view a, std::string_view b);

// How two tokens were made equal; names in the explanation of a hit.
enum class TokenRule : uint8_t { kNone, kExact, kSpelling, kConsonants, kPrefix, kInitial, kTypo };
std::string_view TokenRuleName(TokenRule rule);

// A token with the forms its comparisons need, made once.
struct TokenForm {
  explicit TokenForm(Token token);

  Token token;
  std::string fold;             // fold.h
  std::string skeleton;         // fold.h
  uint32_t consonant_mask = 0;  // bit per letter of `fold` that is no vowel: the cheap refusal
};

struct TokenSimilarity {
  double value = 0;
  TokenRule rule = TokenRule::kNone;
};

// Below this, two tokens are different words and nothing is reported.
inline constexpr double kMinTokenSimilarity = 0.70;

// Whether two folded forms can be alike at all: too many letters, or consonants, that stand on one side only leave no
// alignment above the minimum worth having. Most pairs of a list end here.
// `strict` is for words written as one, which must agree almost wholly.
inline bool CanBeAlike(size_t length_a, uint32_t mask_a, size_t length_b, uint32_t mask_b, bool strict = false) {
  const size_t difference = length_a > length_b ? length_a - length_b : length_b - length_a;
  const size_t shorter = length_a < length_b ? length_a : length_b;
  if (strict) return difference <= 2 && std::popcount(mask_a ^ mask_b) <= 2;
  if (2 * difference > shorter + 1) return false;
  return static_cast<size_t>(std::popcount(mask_a ^ mask_b)) <= (shorter < 4 ? 2 : shorter < 7 ? 3 : 4);
}

// The best of: equal text, equal spelling class (fold.h), consonant skeletons (when one side is unvowelled), a cut
// token as prefix, an initial, and an edit distance over the folded forms in which vowels are cheap.
TokenSimilarity CompareTokens(const TokenForm& a, const TokenForm& b, double minimum = kMinTokenSimilarity);

}  // namespace gatehouse::names
