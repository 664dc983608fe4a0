// By what the store knows again what was shown: one text for each distinct document and each distinct person. The texts
// are canonical, so that equal ones mean the same wherever they are shown; the store keeps their keyed hashes, and
// themselves only sealed. Pure.
#pragma once

#include <string>
#include <vector>

#include "services/inspection/shown.h"

namespace gatehouse::inspection {

// Sorted, each once. A document needs a number; a person needs name, complete birth date and nationality: with less,
// two namesakes would be one. Names are compared in the letters of the MRZ (Doc 9303-3 section 6). Empty when nothing
// that was shown has what a key needs.
std::vector<std::string> ShownKeys(const Shown& shown);

}  // namespace gatehouse::inspection
