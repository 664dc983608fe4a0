#include "libs/pki/tlv.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::pki {
namespace {

struct Header {
  uint32_t tag = 0;
  size_t header_bytes = 0;
  size_t length = 0;
  bool indefinite = false;
};

// Up to three tag bytes (7F61, 5F2E; nothing we read has more).
absl::Status ReadTag(Bytes bytes, Header& header, std::string_view field) {
  if (bytes.empty()) return Malformed(field, "is missing");
  header.tag = bytes[0];
  header.header_bytes = 1;
  if ((bytes[0] & 0x1F) != 0x1F) return absl::OkStatus();
  do {
    if (header.header_bytes >= 3 || header.header_bytes >= bytes.size()) return Malformed(field, "has a broken tag");
    header.tag = header.tag << 8 | bytes[header.header_bytes];
  } while (bytes[header.header_bytes++] & 0x80);
  return absl::OkStatus();
}

absl::Status ReadLength(Bytes bytes, Rules rules, Header& header, std::string_view field) {
  if (header.header_bytes >= bytes.size()) return Malformed(field, "ends before its length");
  const uint8_t first = bytes[header.header_bytes++];
  if (first < 0x80) {
    header.length = first;
  } else if (first == 0x80) {
    if (rules == Rules::kDer) return Malformed(field, "has an indefinite length, which DER forbids");
    if ((bytes[0] & 0x20) == 0) return Malformed(field, "is primitive with an indefinite length");
    header.indefinite = true;
  } else {
    const size_t count = first & 0x7F;
    if (count > 4 || header.header_bytes + count > bytes.size()) return Malformed(field, "has a broken length");
    for (size_t i = 0; i < count; ++i) header.length = header.length << 8 | bytes[header.header_bytes++];
    const bool minimal = header.length >= 0x80 && header.length >> (8 * (count - 1)) != 0;
    if (rules == Rules::kDer && !minimal) return Malformed(field, "has a padded length, which DER forbids");
  }
  if (header.length > bytes.size() - header.header_bytes) return Malformed(field, "is longer than what holds it");
  return absl::OkStatus();
}

absl::StatusOr<Header> ReadHeader(Bytes bytes, Rules rules, std::string_view field) {
  Header header;
  GH_RETURN_IF_ERROR(ReadTag(bytes, header, field));
  GH_RETURN_IF_ERROR(ReadLength(bytes, rules, header, field));
  return header;
}

// Bytes from the start of `contents` to the end-of-contents octets that close it.
absl::StatusOr<size_t> FindEndOfContents(Bytes contents, int depth, std::string_view field) {
  if (depth > kMaxIndefiniteNesting) return Malformed(field, "nests too deeply");
  size_t at = 0;
  while (true) {
    GH_ASSIGN_OR_RETURN(const Header header, ReadHeader(contents.subspan(at), Rules::kBer, field));
    if (header.tag == 0) {
      if (header.length != 0) return Malformed(field, "has broken end-of-contents octets");
      return at;
    }
    at += header.header_bytes;
    if (header.indefinite) {
      GH_ASSIGN_OR_RETURN(const size_t inner, FindEndOfContents(contents.subspan(at), depth + 1, field));
      at += inner + 2;
    } else {
      at += header.length;
    }
  }
}

absl::StatusOr<int> TwoDigits(std::string_view text, size_t at, std::string_view field) {
  if (at + 2 > text.size() || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9') {
    return Malformed(field, "is not a time");
  }
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

}  // namespace

absl::Status Malformed(std::string_view field, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(absl::string_view(field.data(), field.size()), ": ",
                                                 absl::string_view(reason.data(), reason.size())));
}

uint32_t TlvReader::PeekTag() const {
  Header header;
  if (rest_.empty() || !ReadTag(rest_, header, "").ok()) return 0;
  return header.tag;
}

absl::StatusOr<Tlv> TlvReader::Next(std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Header header, ReadHeader(rest_, rules_, field));
  Tlv element;
  element.tag = header.tag;
  element.indefinite = header.indefinite;
  size_t length = header.length;
  size_t trailer = 0;
  if (header.indefinite) {
    GH_ASSIGN_OR_RETURN(length, FindEndOfContents(rest_.subspan(header.header_bytes), 1, field));
    trailer = 2;
  }
  element.value = rest_.subspan(header.header_bytes, length);
  element.encoding = rest_.first(header.header_bytes + length + trailer);
  rest_ = rest_.subspan(element.encoding.size());
  return element;
}

absl::StatusOr<Tlv> TlvReader::Expect(uint32_t tag, std::string_view field) {
  const Bytes before = rest_;
  GH_ASSIGN_OR_RETURN(Tlv element, Next(field));
  if (element.tag == tag) return element;
  rest_ = before;
  return Malformed(field, absl::StrCat("has tag ", absl::Hex(element.tag), " where ", absl::Hex(tag), " must stand"));
}

absl::StatusOr<std::optional<Tlv>> TlvReader::Optional(uint32_t tag, std::string_view field) {
  if (PeekTag() != tag) return std::optional<Tlv>();
  GH_ASSIGN_OR_RETURN(Tlv element, Next(field));
  return std::optional<Tlv>(element);
}

absl::Status TlvReader::ExpectEnd(std::string_view field) const {
  return rest_.empty() ? absl::OkStatus() : Malformed(field, "is followed by bytes that do not belong there");
}

absl::StatusOr<Tlv> ReadOnly(Bytes bytes, uint32_t tag, Rules rules, std::string_view field) {
  TlvReader reader(bytes, rules);
  GH_ASSIGN_OR_RETURN(Tlv element, reader.Expect(tag, field));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  return element;
}

absl::StatusOr<bool> ReadBoolean(const Tlv& element, std::string_view field) {
  if (element.value.size() != 1 || (element.value[0] != 0x00 && element.value[0] != 0xFF)) {
    return Malformed(field, "is a BOOLEAN that is neither 00 nor FF");
  }
  return element.value[0] == 0xFF;
}

absl::StatusOr<int> ReadSmallInteger(const Tlv& element, std::string_view field) {
  if (element.value.empty() || element.value.size() > 4 || element.value[0] >= 0x80) {
    return Malformed(field, "is not a number in range");
  }
  int value = 0;
  for (const uint8_t byte : element.value) value = value << 8 | byte;
  return value;
}

absl::StatusOr<absl::Time> ReadTime(const Tlv& element, std::string_view field) {
  std::string_view text = AsText(element.value);
  if (text.empty() || text.back() != 'Z') return Malformed(field, "is not a time in Z");
  text.remove_suffix(1);
  int year = 0;
  if (element.tag == tag::kUtcTime) {
    GH_ASSIGN_OR_RETURN(year, TwoDigits(text, 0, field));
    year += year < 50 ? 2000 : 1900;
    text.remove_prefix(2);
  } else if (element.tag == tag::kGeneralizedTime) {
    GH_ASSIGN_OR_RETURN(const int century, TwoDigits(text, 0, field));
    GH_ASSIGN_OR_RETURN(year, TwoDigits(text, 2, field));
    year += century * 100;
    text.remove_prefix(4);
  } else {
    return Malformed(field, "is not a time");
  }
  if (text.size() != 8 && text.size() != 10) return Malformed(field, "is not a time");
  int parts[5] = {};
  for (size_t i = 0; i < text.size() / 2; ++i) {
    GH_ASSIGN_OR_RETURN(parts[i], TwoDigits(text, 2 * i, field));
  }
  const absl::CivilSecond civil(year, parts[0], parts[1], parts[2], parts[3], parts[4]);
  // CivilSecond normalises the thirtieth of February; a certificate that says so is broken.
  if (civil.month() != parts[0] || civil.day() != parts[1] || civil.hour() != parts[2] || civil.minute() != parts[3]) {
    return Malformed(field, "is not a time of the calendar");
  }
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

absl::StatusOr<Bytes> ReadBitStringOctets(const Tlv& element, std::string_view field) {
  if (element.value.empty() || element.value[0] != 0) return Malformed(field, "is not a BIT STRING of whole octets");
  return element.value.subspan(1);
}

bool Equal(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::string ToHex(Bytes bytes) {
  const std::string_view text = AsText(bytes);
  return absl::BytesToHexString(absl::string_view(text.data(), text.size()));
}

}  // namespace gatehouse::pki
