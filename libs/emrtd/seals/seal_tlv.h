// The elements of seals: a tag of one byte, a length as in DER, a value. Unlike ASN.1 every byte is a whole tag, 1F, 7F
// and FF too, so that pki::TlvReader would read them otherwise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd::seals {

// Elements in one group. A seal has a dozen.
inline constexpr size_t kMaxElements = 256;

struct Element {
  uint8_t tag = 0;
  pki::Bytes value;
  pki::Bytes encoding;
};

// Appends the elements of `bytes` one after another, up to its end or to the first of tag `last`. Spans into it.
// INVALID_ARGUMENT names `field`; the elements before the broken one are there all the same.
absl::Status ReadElements(pki::Bytes bytes, std::string_view field, std::vector<Element>& elements,
                          std::optional<uint8_t> last = std::nullopt);

// An element with the shortest length.
std::string WriteElement(uint8_t tag, std::string_view value);

}  // namespace gatehouse::emrtd::seals
