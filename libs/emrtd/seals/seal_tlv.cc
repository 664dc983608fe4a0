#include "libs/emrtd/seals/seal_tlv.h"

namespace gatehouse::emrtd::seals {

using pki::Bytes;
using pki::Malformed;

absl::Status ReadElements(Bytes bytes, std::string_view field, std::vector<Element>& elements,
                          std::optional<uint8_t> last) {
  while (!bytes.empty()) {
    if (elements.size() >= kMaxElements) return Malformed(field, "has more elements than the limit");
    if (bytes.size() < 2) return Malformed(field, "ends within an element");
    size_t header = 2;
    size_t length = bytes[1];
    if (length >= 0x80) {
      const size_t octets = length & 0x7F;
      if (octets == 0 || octets > 3 || bytes.size() < 2 + octets) return Malformed(field, "has a broken length");
      header += octets;
      length = 0;
      for (size_t i = 2; i < header; ++i) length = length << 8 | bytes[i];
    }
    if (length > bytes.size() - header) return Malformed(field, "ends within an element");
    elements.push_back({bytes[0], bytes.subspan(header, length), bytes.first(header + length)});
    if (bytes[0] == last) break;
    bytes = bytes.subspan(header + length);
  }
  return absl::OkStatus();
}

std::string WriteElement(uint8_t tag, std::string_view value) {
  std::string element(1, static_cast<char>(tag));
  if (value.size() < 0x80) {
    element += static_cast<char>(value.size());
  } else {
    std::string octets;
    for (size_t rest = value.size(); rest > 0; rest >>= 8) octets.insert(0, 1, static_cast<char>(rest));
    element += static_cast<char>(0x80 | octets.size());
    element += octets;
  }
  element += value;
  return element;
}

}  // namespace gatehouse::emrtd::seals
