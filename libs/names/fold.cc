#include "libs/names/fold.h"

namespace gatehouse::names {
namespace {

struct Rule {
  std::string_view from;
  std::string_view to;
};

// First match wins, so longer spellings stand before their parts. One letter stands for one sound class:
// s = s sh sch shch, c = ch tch cz, h = h kh, z = z zh dh, j = j dj dzh.
constexpr Rule kRules[] = {
    {"shch", "s"}, {"tsch", "c"}, {"dzh", "j"}, {"you", "iu"}, {"jou", "iu"}, {"sch", "s"}, {"tch", "c"}, {"kh", "h"},
    {"gh", "g"},   {"sh", "s"},   {"ch", "c"},  {"cz", "c"},   {"zh", "z"},   {"dh", "d"},  {"th", "t"},  {"ph", "f"},
    {"dj", "j"},   {"ck", "k"},   {"ts", "c"},  {"tz", "c"},   {"ks", "x"},   {"qu", "ku"}, {"ou", "u"},  {"oo", "u"},
    {"ee", "i"},   {"ei", "ai"},  {"ey", "ai"}, {"ay", "ai"},  {"ya", "ia"},  {"ja", "ia"}, {"yu", "iu"}, {"ju", "iu"},
    {"yo", "io"},  {"jo", "io"},  {"ye", "e"},  {"ae", "a"},   {"oe", "o"},   {"ue", "u"},  {"aa", "a"},  {"q", "k"},
    {"c", "k"},    {"w", "v"},    {"y", "i"},
};

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

}  // namespace

std::string Fold(std::string_view token) {
  std::string out;
  out.reserve(token.size());
  for (size_t at = 0; at < token.size();) {
    std::string_view to = token.substr(at, 1);
    size_t length = 1;
    for (const Rule& rule : kRules) {
      if (token.substr(at, rule.from.size()) == rule.from) {
        to = rule.to;
        length = rule.from.size();
        break;
      }
    }
    for (const char c : to) {
      if (out.empty() || out.back() != c) out.push_back(c);
    }
    at += length;
  }
  // -ah, -eh, -iyy: the ending is a habit, the name is not.
  if (out.size() > 2 && out.back() == 'h' && IsVowel(out[out.size() - 2])) out.pop_back();
  return out;
}

std::string Skeleton(std::string_view token) {
  std::string out;
  for (const char c : Fold(token)) {
    // v and i stand for w and y, long vowels in Arabic and Hebrew script.
    if (IsVowel(c) || c == 'v') continue;
    if (out.empty() || out.back() != c) out.push_back(c);
  }
  return out;
}

}  // namespace gatehouse::names
