#include "libs/emrtd/seals/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd::seals {
namespace {

using nlohmann::json;

// The code units by which RFC 8785 section 3.2.3 sorts; the text is valid UTF-8, the reader has seen to it.
std::u16string Utf16(const std::string& text) {
  std::u16string units;
  for (size_t at = 0; at < text.size();) {
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[at + i])); };
    uint32_t code = byte(0);
    size_t size = 1;
    if (code >= 0xF0 && at + 3 < text.size()) {
      code = (code & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 | (byte(3) & 63);
      size = 4;
    } else if (code >= 0xE0 && at + 2 < text.size()) {
      code = (code & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
      size = 3;
    } else if (code >= 0xC0 && at + 1 < text.size()) {
      code = (code & 31) << 6 | (byte(1) & 63);
      size = 2;
    }
    if (code >= 0x10000) {
      units += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
      units += static_cast<char16_t>(code);
    }
    at += size;
  }
  return units;
}

// Number::toString of ECMA-262: the shortest digits that read back, plain between 1e-6 and 1e21.
std::string NumberText(double number) {
  if (number == 0) return "0";
  char buffer[64];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number), std::chars_format::scientific);
  const std::string scientific(buffer, written.ptr);
  const size_t e = scientific.find('e');
  std::string digits = scientific.substr(0, e);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  int exponent = 0;
  std::from_chars(scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1), scientific.data() + scientific.size(),
                  exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  std::string text;
  if (count <= point && point <= 21) {
    text = digits + std::string(static_cast<size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    text = absl::StrCat(digits.substr(0, static_cast<size_t>(point)), ".", digits.substr(static_cast<size_t>(point)));
  } else if (-6 < point && point <= 0) {
    text = absl::StrCat("0.", std::string(static_cast<size_t>(-point), '0'), digits);
  } else {
    text = digits.substr(0, 1);
    if (count > 1) absl::StrAppend(&text, ".", digits.substr(1));
    absl::StrAppend(&text, "e", point > 0 ? "+" : "-", std::abs(point - 1));
  }
  return number < 0 ? "-" + text : text;
}

void AppendText(const std::string& text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) {
          absl::StrAppendFormat(&out, "\\u%04x", c);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Recursion is bounded by kMaxJsonNesting.
void Append(const json& value, std::string& out) {
  if (value.is_object()) {
    std::vector<std::pair<std::u16string, json::const_iterator>> members;
    for (auto at = value.begin(); at != value.end(); ++at) members.emplace_back(Utf16(at.key()), at);
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out += '{';
    for (const auto& [order, member] : members) {
      if (out.back() != '{') out += ',';
      AppendText(member.key(), out);
      out += ':';
      Append(member.value(), out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      Append(value[i], out);
    }
    out += ']';
  } else if (value.is_string()) {
    AppendText(value.get_ref<const std::string&>(), out);
  } else if (value.is_number()) {
    out += NumberText(value.get<double>());
  } else {
    out += value.is_null() ? "null" : value.get<bool>() ? "true" : "false";
  }
}

}  // namespace

absl::StatusOr<json> ReadStrictJson(std::string_view text) {
  std::vector<std::set<std::string>> members;
  bool repeated = false, too_deep = false;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& parsed) {
    too_deep |= depth > kMaxJsonNesting;
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end && !members.empty()) members.pop_back();
    if (event == json::parse_event_t::key && !members.empty()) {
      repeated |= !members.back().insert(parsed.get_ref<const std::string&>()).second;
    }
    return !too_deep;
  };
  json value = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (too_deep) return pki::Malformed("JSON", "nests deeper than the limit");
  if (value.is_discarded()) return pki::Malformed("JSON", "is broken");
  if (repeated) return pki::Malformed("JSON", "has a member that stands twice");
  return value;
}

std::string CanonicalJson(const json& value) {
  std::string text;
  Append(value, text);
  return text;
}

}  // namespace gatehouse::emrtd::seals
