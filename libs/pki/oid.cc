#include "libs/pki/oid.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::pki {

std::string OidText(Bytes oid) {
  std::string text;
  uint64_t number = 0;
  for (const uint8_t byte : oid) {
    number = number << 7 | (byte & 0x7F);
    if (byte & 0x80) continue;
    if (text.empty()) {
      const uint64_t first = number < 80 ? number / 40 : 2;
      absl::StrAppend(&text, first, ".", number - 40 * first);
    } else {
      absl::StrAppend(&text, ".", number);
    }
    number = 0;
  }
  return text;
}

}  // namespace gatehouse::pki
