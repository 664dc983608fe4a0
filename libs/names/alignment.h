// Which words of a queried name stand for which words of a listed one. A *unit* is one token or a few neighbours
// written as one ("NGARUYE WA" = "NGARUYEWA"), so that joined and split names align.
#pragma once

#include <cstdint>
#include <vector>

#include "libs/names/similarity.h"

namespace gatehouse::names {

// One possible pairing of units; positions are token ordinals.
struct UnitPair {
  uint8_t query_first = 0;
  uint8_t query_size = 1;
  uint8_t list_first = 0;
  uint8_t list_size = 1;
  float similarity = 0;
  TokenRule rule = TokenRule::kNone;
};

// A token as the alignment sees it: its rarity weight (natural log of how many names lack it) and its first letter.
struct WeightedToken {
  float weight = 0;
  char first_letter = 0;
  bool single_letter = false;
};

// What the alignment says, as evidence. Shares are of rarity weight, 0 to 1.
struct NameEvidence {
  float query_share = 0;  // how much of the queried name was found
  float list_share = 0;   // how much of the listed name was found
  float weight = 0;       // rarity weight of what was found, natural log units
  uint8_t pairs = 0;      // units paired, particles apart
};

struct Alignment {
  NameEvidence evidence;
  std::vector<UnitPair> pairs;  // in order of the query
};

// Greedy: the heaviest pair first, no token twice; initials are tried on what is left. `truncated` queries do not
// answer for list tokens they lack. At most kMaxTokens tokens a side.
Alignment Align(const std::vector<WeightedToken>& query, bool truncated, const std::vector<WeightedToken>& listed,
                std::vector<UnitPair> possible);

}  // namespace gatehouse::names
