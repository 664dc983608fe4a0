#include "libs/pki/distinguished_name.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

constexpr std::string_view kField = "name";

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
            static_cast<char>(0x80 | (code & 0x3F))};
  } else {
    out += {static_cast<char>(0xF0 | (code >> 18 & 7)), static_cast<char>(0x80 | (code >> 12 & 0x3F)),
            static_cast<char>(0x80 | (code >> 6 & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
  }
}

// Fixed-width big-endian characters (BMPString, UniversalString, and T61String read as Latin-1) to UTF-8.
std::string FromWide(Bytes bytes, size_t width) {
  std::string text;
  for (size_t at = 0; at + width <= bytes.size(); at += width) {
    uint32_t code = 0;
    for (size_t i = 0; i < width; ++i) code = code << 8 | bytes[at + i];
    AppendUtf8(code, text);
  }
  return text;
}

std::string ValueText(const Tlv& value) {
  switch (value.tag) {
    case tag::kT61String:
      return FromWide(value.value, 1);
    case tag::kBmpString:
      return FromWide(value.value, 2);
    case tag::kUniversalString:
      return FromWide(value.value, 4);
    default:
      return std::string(AsText(value.value));
  }
}

std::string Fold(std::string text) {
  absl::RemoveExtraAsciiWhitespace(&text);
  absl::AsciiStrToLower(&text);
  return text;
}

std::string AttributeLabel(Bytes oid) {
  struct Label {
    Oid oid;
    const char* text;
  };
  static constexpr Label kLabels[] = {{oid::kCountryName, "C"},   {"2.5.4.10", "O"}, {"2.5.4.11", "OU"},
                                      {oid::kCommonName, "CN"},   {"2.5.4.8", "ST"}, {"2.5.4.7", "L"},
                                      {"2.5.4.5", "serialNumber"}};
  for (const Label& label : kLabels) {
    if (label.oid == oid) return label.text;
  }
  return OidText(oid);
}

}  // namespace

absl::StatusOr<DistinguishedName> DistinguishedName::Parse(Bytes name) {
  if (name.size() > kMaxNameBytes) return Malformed(kField, "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(name, tag::kSequence, Rules::kDer, kField));
  DistinguishedName parsed;
  std::vector<std::string> readable;
  TlvReader rdns(sequence.value, Rules::kDer);
  while (!rdns.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv rdn, rdns.Expect(tag::kSet, kField));
    std::vector<std::string> folded;
    TlvReader attributes(rdn.value, Rules::kDer);
    while (!attributes.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv attribute, attributes.Expect(tag::kSequence, kField));
      TlvReader parts(attribute.value, Rules::kDer);
      GH_ASSIGN_OR_RETURN(const Tlv type, parts.Expect(tag::kOid, kField));
      GH_ASSIGN_OR_RETURN(const Tlv value, parts.Next(kField));
      GH_RETURN_IF_ERROR(parts.ExpectEnd(kField));
      const std::string text = ValueText(value);
      if (oid::kCountryName == type.value) {
        parsed.country_as_written_ = text;
        parsed.country_ = absl::AsciiStrToUpper(text);
      }
      if (oid::kCommonName == type.value) parsed.common_name_ = text;
      const std::string folded_text = Fold(text);
      // The length keeps "a" + "b=c" apart from what a crafted value could spell.
      folded.push_back(absl::StrCat(ToHex(type.value), ":", folded_text.size(), ":", folded_text));
      readable.push_back(absl::StrCat(AttributeLabel(type.value), "=", text));
    }
    std::sort(folded.begin(), folded.end());
    absl::StrAppend(&parsed.canonical_, absl::StrJoin(folded, "+"), ";");
  }
  parsed.text_ = absl::StrJoin(readable, ", ");
  return parsed;
}

}  // namespace gatehouse::pki
