#include "libs/names/similarity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/names/fold.h"

namespace gatehouse::names {
namespace {

constexpr double kSpellingValue = 0.97;
constexpr double kShortSpellingValue = 0.85;  // of up to three letters: yu and ju, li and ly are often two names
constexpr double kConsonantsValue = 0.92;
constexpr double kTwoConsonantsValue = 0.84;
constexpr double kPrefixValue = 0.95;
constexpr double kInitialValue = 0.80;

// Costs of one edit over folded tokens, in hundredths. A changed vowel is the commonest habit of transliteration; a
// changed consonant of one sound class the next; everything else is a slip of the finger.
constexpr int kVowelForVowel = 35;
constexpr int kVowelInOrOut = 55;
constexpr int kSameClass = 55;
constexpr int kSwap = 75;
constexpr int kOther = 100;

constexpr bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

constexpr int SoundClass(char c) {
  switch (c) {
    case 'b':
    case 'p':
      return 1;
    case 'd':
    case 't':
    case 'z':
      return 2;
    case 'g':
    case 'k':
    case 'h':
    case 'x':
      return 3;
    case 'c':
    case 's':
    case 'j':
      return 4;
    case 'f':
    case 'v':
      return 5;
    case 'm':
    case 'n':
      return 6;
    case 'l':
    case 'r':
      return 7;
    default:
      return 0;
  }
}

constexpr bool OneLetterInManyHands(char a, char b) {
  constexpr std::string_view kPairs = "uvijzsgj";
  for (size_t i = 0; i < kPairs.size(); i += 2) {
    if ((a == kPairs[i] && b == kPairs[i + 1]) || (b == kPairs[i] && a == kPairs[i + 1])) return true;
  }
  return false;
}

constexpr int SubstitutionCost(char a, char b) {
  if (a == b) return 0;
  if (IsVowel(a) && IsVowel(b)) return kVowelForVowel;
  if (SoundClass(a) != 0 && SoundClass(a) == SoundClass(b)) return kSameClass;
  return OneLetterInManyHands(a, b) ? kSameClass : kOther;
}

// The costs as a table, letters and digits only: this is the inner loop of a search.
constexpr size_t kAlphabet = 'z' - '0' + 1;
struct CostTable {
  constexpr CostTable() {
    for (size_t a = 0; a < kAlphabet; ++a) {
      const char letter = static_cast<char>('0' + a);
      gap[a] = static_cast<uint8_t>(IsVowel(letter) || letter == 'h' ? kVowelInOrOut : kOther);
      for (size_t b = 0; b < kAlphabet; ++b) {
        change[a][b] = static_cast<uint8_t>(SubstitutionCost(letter, static_cast<char>('0' + b)));
      }
    }
  }
  std::array<std::array<uint8_t, kAlphabet>, kAlphabet> change{};
  std::array<uint8_t, kAlphabet> gap{};
};
constexpr CostTable kCosts;

// Optimal string alignment with the costs above, in three rows. Anything over `limit` may come back as limit + 1.
int WeightedDistance(std::string_view a, std::string_view b, int limit) {
  constexpr size_t kColumns = kMaxTokenChars * 2 + 1;
  std::array<int, kColumns> buffers[3];
  int* before = buffers[0].data();
  int* above = buffers[1].data();
  int* here = buffers[2].data();
  above[0] = 0;
  int least_above = 0;
  for (size_t j = 1; j <= b.size(); ++j) above[j] = above[j - 1] + kCosts.gap[static_cast<size_t>(b[j - 1] - '0')];
  for (size_t i = 1; i <= a.size(); ++i) {
    const char letter = a[i - 1];
    const auto& change = kCosts.change[static_cast<size_t>(letter - '0')];
    const int gap = kCosts.gap[static_cast<size_t>(letter - '0')];
    int left = here[0] = above[0] + gap;
    int least = left;
    for (size_t j = 1; j <= b.size(); ++j) {
      const auto column = static_cast<size_t>(b[j - 1] - '0');
      int best = std::min({above[j - 1] + change[column], above[j] + gap, left + kCosts.gap[column]});
      if (i > 1 && j > 1 && letter == b[j - 2] && a[i - 2] == b[j - 1]) best = std::min(best, before[j - 2] + kSwap);
      here[j] = left = best;
      least = std::min(least, best);
    }
    // The rows below reach back over one row at most, by a swap.
    if (std::min(least, least_above + kSwap) > limit) return limit + 1;
    least_above = least;
    int* const spare = before;
    before = above;
    above = here;
    here = spare;
  }
  return above[b.size()];
}

// The share of `most` that a distance leaves, when it leaves at least the minimum; else 0.
double Closeness(const std::string& a, const std::string& b, double most, double minimum) {
  const double mean = static_cast<double>(a.size() + b.size()) / 2;
  const int limit = static_cast<int>(100 * mean * (1 - minimum / most));
  const int distance = WeightedDistance(a, b, limit);
  return distance > limit ? 0 : most * (1 - distance / (100 * mean));
}

TokenSimilarity CompareSkeletons(const std::string& a, const std::string& b, double minimum) {
  const size_t shorter = std::min(a.size(), b.size());
  if (shorter < 2) return {};
  // The fewer consonants, the more names share them.
  if (a == b) return {shorter == 2 ? kTwoConsonantsValue : kConsonantsValue, TokenRule::kConsonants};
  return {Closeness(a, b, kConsonantsValue, minimum), TokenRule::kConsonants};
}

bool IsInitialOf(const std::string& a, const std::string& b) { return a.size() == 1 && b.size() > 1 && a[0] == b[0]; }

bool IsCutOf(const Token& cut, const std::string& whole) {
  return cut.prefix && cut.text.size() < whole.size() && std::string_view(whole).substr(0, cut.text.size()) == cut.text;
}

}  // namespace

double JaroWinkler(std::string_view a, std::string_view b) {
  a = a.substr(0, 256);
  b = b.substr(0, 256);
  if (a == b) return 1;
  if (a.empty() || b.empty()) return 0;
  const auto window = static_cast<size_t>(std::max<int>(static_cast<int>(std::max(a.size(), b.size()) / 2) - 1, 0));
  std::array<bool, 256> a_used{};
  std::array<bool, 256> b_used{};
  size_t matches = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t low = i > window ? i - window : 0;
    const size_t high = std::min(b.size(), i + window + 1);
    for (size_t j = low; j < high; ++j) {
      if (b_used[j] || a[i] != b[j]) continue;
      a_used[i] = b_used[j] = true;
      ++matches;
      break;
    }
  }
  if (matches == 0) return 0;
  size_t transposed = 0;
  for (size_t i = 0, j = 0; i < a.size(); ++i) {
    if (!a_used[i]) continue;
    while (!b_used[j]) ++j;
    if (a[i] != b[j]) ++transposed;
    ++j;
  }
  const auto m = static_cast<double>(matches);
  const double jaro = (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
                       (m - static_cast<double>(transposed / 2)) / m) /
                      3;
  size_t prefix = 0;
  while (prefix < 4 && prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) ++prefix;
  return jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro);
}

std::string_view TokenRuleName(TokenRule rule) {
  switch (rule) {
    case TokenRule::kExact:
      return "exact";
    case TokenRule::kSpelling:
      return "spelling";
    case TokenRule::kConsonants:
      return "consonants";
    case TokenRule::kPrefix:
      return "cut";
    case TokenRule::kInitial:
      return "initial";
    case TokenRule::kTypo:
      return "typo";
    case TokenRule::kNone:
      break;
  }
  return "none";
}

TokenForm::TokenForm(Token made_from)
    : token(std::move(made_from)), fold(Fold(token.text)), skeleton(Skeleton(token.text)) {
  for (const char c : fold) {
    if (!IsVowel(c) && c >= 'a' && c <= 'z') consonant_mask |= 1U << (c - 'a');
  }
}

TokenSimilarity CompareTokens(const TokenForm& a, const TokenForm& b, double minimum) {
  if (a.token.text == b.token.text) return {1, TokenRule::kExact};
  if (IsInitialOf(a.token.text, b.token.text) || IsInitialOf(b.token.text, a.token.text)) {
    return {kInitialValue, TokenRule::kInitial};
  }
  if (IsCutOf(a.token, b.token.text) || IsCutOf(b.token, a.token.text)) return {kPrefixValue, TokenRule::kPrefix};
  if (a.token.unvowelled != b.token.unvowelled) {
    const TokenSimilarity found = CompareSkeletons(a.skeleton, b.skeleton, minimum);
    return found.value >= minimum ? found : TokenSimilarity{};
  }
  if (a.fold == b.fold) {
    const bool is_short = std::min(a.token.text.size(), b.token.text.size()) <= 3;
    return {is_short ? kShortSpellingValue : kSpellingValue, TokenRule::kSpelling};
  }
  if (!CanBeAlike(a.fold.size(), a.consonant_mask, b.fold.size(), b.consonant_mask)) return {};
  const double value = Closeness(a.fold, b.fold, kSpellingValue, minimum);
  return value >= minimum ? TokenSimilarity{value, TokenRule::kTypo} : TokenSimilarity{};
}

}  // namespace gatehouse::names
