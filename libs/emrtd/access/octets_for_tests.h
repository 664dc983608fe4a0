// Octets written as hexadecimal digits, blanks allowed, for the tests of this folder.
#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "libs/emrtd/access/octets.h"

namespace gatehouse::emrtd::access {

inline Octets FromHex(std::string_view digits) {
  const std::string packed = absl::StrReplaceAll(absl::string_view(digits.data(), digits.size()), {{" ", ""}});
  const std::string octets = absl::HexStringToBytes(packed);
  return Octets(octets.begin(), octets.end());
}

}  // namespace gatehouse::emrtd::access
