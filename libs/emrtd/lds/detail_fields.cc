#include "libs/emrtd/lds/detail_fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kTagList = 0x5C, kRepeatedTemplate = 0xA0;

// Octets of the UTF-8 sequence at the front, 0 when there is none (overlong forms and surrogates are none).
size_t Utf8Length(Bytes bytes) {
  const uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  }
  const uint8_t second = bytes[1];
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool out_of_range = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || out_of_range ? 0 : length;
}

bool IsUtf8(Bytes bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    if (length == 0) return false;
    bytes = bytes.subspan(length);
  }
  return true;
}

std::string FromLatin1(Bytes bytes) {
  std::string text;
  for (const uint8_t octet : bytes) {
    if (octet < 0x80) {
      text += static_cast<char>(octet);
    } else {
      text += static_cast<char>(0xC0 | octet >> 6);
      text += static_cast<char>(0x80 | (octet & 0x3F));
    }
  }
  return text;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Eight digits or fillers, to a date of which parts may be unknown.
std::optional<base::PartialDate> ParseDate(std::string digits) {
  if (digits.size() != 8) return std::nullopt;
  std::replace(digits.begin(), digits.end(), '<', '0');
  if (!IsDigits(digits)) return std::nullopt;
  const auto number = [&](size_t at, size_t count) {
    int value = 0;
    for (size_t i = at; i < at + count; ++i) value = value * 10 + (digits[i] - '0');
    return value;
  };
  const base::PartialDate date{number(0, 4), number(4, 2), number(6, 2)};
  if (date.empty() || date.month > 12 || !base::IsPossible(date)) return std::nullopt;
  return date;
}

// Tags of one and two octets, as the tag list has them.
absl::StatusOr<std::vector<uint32_t>> ReadTagList(Bytes list) {
  std::vector<uint32_t> tags;
  while (!list.empty()) {
    const size_t octets = (list[0] & 0x1F) == 0x1F ? 2 : 1;
    if (octets > list.size()) return Malformed("tag list", "ends inside a tag");
    tags.push_back(octets == 2 ? static_cast<uint32_t>(list[0]) << 8 | list[1] : list[0]);
    list = list.subspan(octets);
  }
  return tags;
}

std::string TagText(uint32_t tag) { return absl::StrCat(absl::Hex(tag)); }

}  // namespace

std::string ReadText(Bytes value, std::string_view field, FileFindings& findings) {
  if (value.size() > kMaxTextBytes) {
    findings.push_back({FileDefect::kTextTooLong, std::string(field)});
    value = value.first(kMaxTextBytes);
    // Not in the middle of a character.
    while (!value.empty() && (value.back() & 0xC0) == 0x80) value = value.first(value.size() - 1);
    if (!value.empty() && value.back() >= 0xC0) value = value.first(value.size() - 1);
  }
  if (IsUtf8(value)) return std::string(pki::AsText(value));
  findings.push_back({FileDefect::kTextNotUtf8, std::string(field)});
  return FromLatin1(value);
}

std::vector<std::string> SplitAtFillers(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = text.find('<');
    if (end != 0) parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

DateField ReadDate(Bytes value, std::string_view field, FileFindings& findings) {
  DateField read;
  const std::string_view text = pki::AsText(value);
  if (value.size() == 4 && !IsDigits(text)) {
    read.written = pki::ToHex(value);
    read.date = ParseDate(read.written);
    if (read.date) {
      findings.push_back({FileDefect::kDateBinaryCoded, std::string(field)});
      return read;
    }
  } else {
    constexpr size_t kMaxWritten = 32;
    read.written = IsUtf8(value.first(std::min(value.size(), kMaxWritten)))
                       ? std::string(text.substr(0, kMaxWritten))
                       : pki::ToHex(value.first(std::min<size_t>(value.size(), 16)));
    read.date = ParseDate(read.written);
    if (read.date) return read;
  }
  findings.push_back({FileDefect::kDateMalformed, absl::StrCat(std::string(field), " of ", value.size(), " octets")});
  return read;
}

absl::StatusOr<DetailFields> DetailFields::Read(Bytes contents, std::string_view file, FileFindings& findings) {
  DetailFields details;
  details.file_ = std::string(file);
  std::optional<std::vector<uint32_t>> listed;
  TlvReader reader(contents, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next(file));
    if (element.tag == kTagList && !listed) {
      GH_ASSIGN_OR_RETURN(listed, ReadTagList(element.value));
      continue;
    }
    if (details.fields_.size() >= kMaxDetailFields) return Malformed(file, "holds more fields than the limit");
    details.fields_.push_back({element.tag, element.value, false});
  }
  if (!listed) {
    findings.push_back({FileDefect::kTagListAbsent, details.file_});
    return details;
  }
  // A template stands in the list by itself or by the tag that it repeats.
  const auto is_there = [&](uint32_t tag) {
    return std::any_of(details.fields_.begin(), details.fields_.end(), [&](const Field& field) {
      if (field.tag == tag) return true;
      if (field.tag != kRepeatedTemplate) return false;
      TlvReader inner(field.value, Rules::kBer);
      while (!inner.at_end()) {
        const auto element = inner.Next("");
        if (!element.ok()) return false;
        if (element->tag == tag) return true;
      }
      return false;
    });
  };
  for (const uint32_t tag : *listed) {
    if (!is_there(tag)) findings.push_back({FileDefect::kTagListDisagrees, "lists " + TagText(tag) + ", absent"});
  }
  for (const Field& field : details.fields_) {
    const bool is_listed = std::find(listed->begin(), listed->end(), field.tag) != listed->end();
    if (!is_listed && field.tag != kRepeatedTemplate) {
      findings.push_back({FileDefect::kTagListDisagrees, "holds " + TagText(field.tag) + ", not listed"});
    }
  }
  return details;
}

std::optional<Bytes> DetailFields::Take(uint32_t tag) {
  std::optional<Bytes> found;
  for (Field& field : fields_) {
    if (field.tag != tag || field.taken) continue;
    if (found) break;
    field.taken = true;
    found = field.value;
  }
  return found;
}

std::vector<Bytes> DetailFields::TakeRepeated(uint32_t tag, FileFindings& findings) {
  std::vector<Bytes> values;
  for (Field& field : fields_) {
    if (field.tag == tag) {
      // Beside the template, as if there could be one only.
      field.taken = true;
      values.push_back(field.value);
      findings.push_back({FileDefect::kFieldOutsideTemplate, file_ + " " + TagText(tag)});
    } else if (field.tag == kRepeatedTemplate) {
      TlvReader inner(field.value, Rules::kBer);
      while (!inner.at_end() && values.size() < kMaxDetailFields) {
        const auto element = inner.Next("");
        if (!element.ok()) {
          findings.push_back({FileDefect::kFieldMalformed, file_ + " A0"});
          break;
        }
        if (element->tag != tag) continue;
        field.taken = true;
        values.push_back(element->value);
      }
    }
  }
  return values;
}

std::vector<uint32_t> DetailFields::Untaken() const {
  std::vector<uint32_t> tags;
  for (const Field& field : fields_) {
    if (!field.taken) tags.push_back(field.tag);
  }
  return tags;
}

}  // namespace gatehouse::emrtd
