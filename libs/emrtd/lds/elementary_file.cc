#include "libs/emrtd/lds/elementary_file.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr int kMaxDepth = 16;
constexpr size_t kMaxLengthOctets = 4;

bool IsDerTo(Bytes bytes, int depth) {
  if (depth > kMaxDepth) return false;
  TlvReader reader(bytes, Rules::kDer);
  while (!reader.at_end()) {
    const absl::StatusOr<Tlv> element = reader.Next("");
    if (!element.ok()) return false;
    const bool constructed = (element->encoding[0] & 0x20) != 0;
    if (constructed && !IsDerTo(element->value, depth + 1)) return false;
  }
  return true;
}

// Octets of the tag and of a definite length that may point anywhere; 0 when there is none.
size_t HeaderSize(Bytes file, uint32_t tag) {
  const size_t tag_bytes = tag > 0xFF ? 2 : 1;
  if (TlvReader(file, Rules::kBer).PeekTag() != tag || file.size() <= tag_bytes) return 0;
  const uint8_t first = file[tag_bytes];
  if (first == 0x80) return 0;
  const size_t length_octets = first < 0x80 ? 0 : first & 0x7F;
  if (length_octets > kMaxLengthOctets || tag_bytes + 1 + length_octets > file.size()) return 0;
  return tag_bytes + 1 + length_octets;
}

}  // namespace

bool HoldsWholeElements(Bytes bytes) {
  TlvReader reader(bytes, Rules::kBer);
  while (!reader.at_end()) {
    if (!reader.Next("").ok()) return false;
  }
  return true;
}

bool IsDer(Bytes bytes) { return IsDerTo(bytes, 0); }

absl::StatusOr<Bytes> OpenFile(Bytes file, uint32_t tag, size_t limit_bytes, std::string_view field,
                               FileFindings& findings) {
  if (file.size() > limit_bytes) return Malformed(field, "is longer than the limit");
  TlvReader reader(file, Rules::kBer);
  absl::StatusOr<Tlv> element = reader.Expect(tag, field);
  const size_t header_bytes = HeaderSize(file, tag);
  const Bytes all_that_follows = header_bytes == 0 ? Bytes() : file.subspan(header_bytes);
  const bool length_is_wrong = !element.ok() || (!reader.at_end() && !HoldsWholeElements(element->value));
  if (length_is_wrong && !all_that_follows.empty() && HoldsWholeElements(all_that_follows)) {
    findings.push_back({FileDefect::kOuterLength, absl::StrCat(all_that_follows.size(), " bytes are inside")});
    return all_that_follows;
  }
  if (!element.ok()) return element.status();
  if (!reader.at_end()) {
    findings.push_back({FileDefect::kTrailingBytes, absl::StrCat(reader.rest().size(), " bytes follow")});
  }
  return element->value;
}

}  // namespace gatehouse::emrtd
