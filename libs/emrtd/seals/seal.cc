#include "libs/emrtd/seals/seal.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/emrtd/seals/c40.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::AsText;
using pki::Bytes;

// By RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t lead = byte(at);
    const size_t size = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : 4;
    if (size == 4 && (lead < 0xF0 || lead > 0xF4)) return false;
    if (at + size > text.size()) return false;
    for (size_t i = 1; i < size; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    }
    if ((lead == 0xE0 && byte(at + 1) < 0xA0) || (lead == 0xED && byte(at + 1) > 0x9F) ||
        (lead == 0xF0 && byte(at + 1) < 0x90) || (lead == 0xF4 && byte(at + 1) > 0x8F)) {
      return false;
    }
    at += size;
  }
  return true;
}

// "20250131" to "2025-01-31".
std::optional<std::string> DateText(const std::string& text) {
  if (text.size() != 8 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  return absl::StrCat(text.substr(0, 4), "-", text.substr(4, 2), "-", text.substr(6));
}

std::optional<std::string> DatesText(const std::string& text) {
  const size_t zero = text.find('\0');
  if (zero == std::string::npos) return DateText(text);
  const std::string from = text.substr(0, zero), until = text.substr(zero + 1);
  const auto first = from.empty() ? std::string() : DateText(from);
  const auto second = until.empty() ? std::string() : DateText(until);
  if (!first || !second) return std::nullopt;
  return absl::StrCat(*first, "/", *second);
}

// FE and FF in a part mean what no number of days says; such a duration stays as its bytes.
std::optional<std::string> Duration(Bytes bytes) {
  if (bytes.size() != 3 || std::any_of(bytes.begin(), bytes.end(), [](uint8_t part) { return part >= 0xFE; })) {
    return std::nullopt;
  }
  std::string text = "P";
  if (bytes[2] != 0) absl::StrAppend(&text, bytes[2], "Y");
  if (bytes[1] != 0) absl::StrAppend(&text, bytes[1], "M");
  if (bytes[0] != 0 || text == "P") absl::StrAppend(&text, bytes[0], "D");
  return text;
}

std::optional<std::string> Zone(Bytes bytes) {
  absl::StatusOr<std::string> text = DecodeC40(bytes, "zone");
  if (!text.ok()) return std::nullopt;
  std::replace(text->begin(), text->end(), ' ', '<');
  return *std::move(text);
}

std::optional<int64_t> Number(Bytes bytes) {
  if (bytes.empty() || bytes.size() > 7) return std::nullopt;
  int64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

std::optional<std::string> Date(const SealDate& date) {
  return date.possible() ? std::optional(date.text()) : std::nullopt;
}

std::optional<std::string> Decode(Coding coding, Bytes bytes) {
  switch (coding) {
    case Coding::kBytes:
      return pki::ToHex(bytes);
    case Coding::kC40: {
      absl::StatusOr<std::string> text = DecodeC40(bytes, "feature");
      return text.ok() ? std::optional(*std::move(text)) : std::nullopt;
    }
    case Coding::kZone:
      return Zone(bytes);
    case Coding::kUtf8:
      return IsUtf8(AsText(bytes)) ? std::optional(std::string(AsText(bytes))) : std::nullopt;
    case Coding::kNumber: {
      const std::optional<int64_t> number = Number(bytes);
      return number ? std::optional(absl::StrCat(*number)) : std::nullopt;
    }
    case Coding::kDuration:
      return Duration(bytes);
    case Coding::kDate:
      return Date(ReadSealDate(bytes));
    case Coding::kMaskedDate:
      return Date(ReadMaskedDate(bytes));
    case Coding::kDateText:
      return DateText(std::string(AsText(bytes)));
    case Coding::kDatesText:
      return DatesText(std::string(AsText(bytes)));
  }
  return std::nullopt;
}

Feature ReadFeature(const Element& element, const FeatureDefinition* definition, Findings& findings) {
  Feature feature{.tag = element.tag};
  const std::string where = absl::StrCat("tag ", element.tag);
  std::optional<std::string> value;
  if (definition == nullptr) {
    feature.name = "unknown";
    findings.push_back({Defect::kFeatureUnknown, where});
  } else {
    feature.name = definition->name;
    feature.coding = definition->coding;
    value = Decode(definition->coding, element.value);
    const size_t size = element.value.size();
    if (!value || size < definition->min_bytes || size > definition->max_bytes) {
      findings.push_back({Defect::kFeatureMalformed, where});
    }
  }
  if (!value) {
    feature.coding = Coding::kBytes;
    value = pki::ToHex(element.value);
  }
  if (feature.coding == Coding::kNumber) feature.number = Number(element.value);
  feature.value = base::Redacted<std::string>(*std::move(value));
  return feature;
}

}  // namespace

std::string_view ToWord(Kind kind) {
  static constexpr std::array<std::string_view, 4> kWords = {"vds", "vds_nc", "idb", "dtc_vc"};
  return kWords[static_cast<size_t>(kind)];
}

const Feature* Seal::Find(std::string_view name) const {
  for (const Feature& feature : features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

const Feature* Seal::Zone() const {
  for (const Feature& feature : features) {
    if (feature.coding == Coding::kZone) return &feature;
  }
  return nullptr;
}

void ReadFeatures(const std::vector<Element>& elements, std::span<const FeatureDefinition> definitions, Seal& seal) {
  for (const Element& element : elements) {
    const auto same_tag = [&](const Feature& feature) { return feature.tag == element.tag; };
    if (std::any_of(seal.features.begin(), seal.features.end(), same_tag)) {
      seal.findings.push_back({Defect::kFeatureRepeated, absl::StrCat("tag ", element.tag)});
    }
    seal.features.push_back(ReadFeature(element, FindFeature(definitions, element.tag), seal.findings));
  }
  for (const FeatureDefinition& definition : definitions) {
    if (definition.required && seal.Find(definition.name) == nullptr) {
      seal.findings.push_back({Defect::kFeatureMissing, std::string(definition.name)});
    }
  }
}

}  // namespace gatehouse::emrtd::seals
