// The name field of a machine-readable zone (Doc 9303-3 section 4.6, Doc 9303-4/5/6): PRIMARY<<SECONDARY<NAMES, filled
// with <. Lengths: TD1 30, TD2 31, TD3 39, MRV-A 39, MRV-B 31 characters.
#pragma once

#include <string_view>
#include <vector>

#include "libs/names/normalize.h"

namespace gatehouse::names {

struct MrzName {
  std::vector<Token> tokens;  // primary identifier first, then secondary
  // The field is full and ends in a letter: names may be missing, and the last token may be cut (its `prefix` is set).
  bool truncated = false;
  LeftOut left_out;
};

// Accepts the field with or without its trailing fillers; anything that is no MRZ character breaks a token.
MrzName ParseMrzName(std::string_view field);

}  // namespace gatehouse::names
