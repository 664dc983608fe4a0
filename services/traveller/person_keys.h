// By what a person is recognised: the document (issuer and number), else the full civil identity. The texts here are
// canonical, so that equal ones mean the same; the store keeps only their keyed hashes.
#pragma once

#include <optional>
#include <string>

#include "libs/base/identity.h"

namespace gatehouse::traveller {

// Absent where the identity lacks what the key needs.
struct PersonKeys {
  std::optional<std::string> document;
  std::optional<std::string> identity;
};

// The document key needs a number. The identity key needs name, complete birth date and nationality: with less, two
// namesakes would become one person, and a person wrongly split is the smaller harm. Names are compared in the letters
// of the MRZ (Doc 9303-3 section 6), so that a keyed "Müller" meets a read "MUELLER".
PersonKeys KeysOf(const base::Identity& identity);

}  // namespace gatehouse::traveller
