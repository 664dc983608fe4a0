#include "libs/emrtd/seals/vds.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/c40.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Bytes;
using pki::Malformed;

constexpr size_t kReferenceAt = 4;  // after magic, version and country
constexpr size_t kIdentifierCharacters = 4;
constexpr size_t kReferenceCharactersOfVersion3 = 5;
constexpr size_t kHeaderRest = 8;  // two dates, definition, category

enum class Layout { kVersion3, kVersion4, kVersion4Decimal, kVersion4Fixed };

// One reading of a seal, and how well it went.
struct Reading {
  Seal seal;
  int score = 0;
};

// The issuers of the German arrival attestation put the reference of version 3 after the version byte 03.
bool IsFixedReferenceSigner(std::string_view identifier) { return identifier == "DEME" || identifier == "DES1"; }

std::string CutFillers(std::string text) {
  std::replace(text.begin(), text.end(), '<', ' ');
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

// Consumes identifier and certificate reference.
absl::Status ReadSigner(Layout layout, Bytes& rest, SignerReference& signer) {
  constexpr std::string_view kField = "certificate reference";
  const bool fixed = layout == Layout::kVersion3 || layout == Layout::kVersion4Fixed;
  const size_t characters = fixed ? kIdentifierCharacters + kReferenceCharactersOfVersion3 : kIdentifierCharacters + 2;
  if (rest.size() < C40Bytes(characters)) return Malformed(kField, "is cut off");
  GH_ASSIGN_OR_RETURN(const std::string head, DecodeC40(rest.first(C40Bytes(characters)), kField));
  rest = rest.subspan(C40Bytes(characters));
  if (head.size() != characters) return Malformed(kField, "has a wrong length");
  signer.identifier = head.substr(0, kIdentifierCharacters);
  if (fixed) {
    signer.certificate_reference = head.substr(kIdentifierCharacters);
    return absl::OkStatus();
  }
  const std::string digits = head.substr(kIdentifierCharacters);
  uint32_t length = 0;
  const bool number =
      layout == Layout::kVersion4Decimal ? absl::SimpleAtoi(digits, &length) : absl::SimpleHexAtoi(digits, &length);
  if (!number || length == 0 || !absl::ascii_isalnum(digits[0])) return Malformed(kField, "has no length");
  if (rest.size() < C40Bytes(length)) return Malformed(kField, "is cut off");
  GH_ASSIGN_OR_RETURN(signer.certificate_reference, DecodeC40(rest.first(C40Bytes(length)), kField));
  rest = rest.subspan(C40Bytes(length));
  if (signer.certificate_reference.size() != length) return Malformed(kField, "has a wrong length");
  return absl::OkStatus();
}

std::span<const FeatureDefinition> DefinitionsFor(const std::vector<Element>& elements, uint16_t reference,
                                                  std::vector<FeatureDefinition>& joined, Seal& seal) {
  const SealDefinition* definition = FindDefinition(reference);
  if (definition == nullptr) {
    seal.findings.push_back({Defect::kDefinitionUnknown, seal.feature_definition});
    return {};
  }
  seal.document_type = definition->name;
  if (definition->features.empty() || definition->features[0].tag != kProfileTag) return definition->features;
  // An administrative document: the common features and those of its profile.
  joined.assign(definition->features.begin(), definition->features.end());
  for (const Element& element : elements) {
    if (element.tag != kProfileTag) continue;
    const SealDefinition* profile = FindProfile(pki::ToHex(element.value));
    if (profile == nullptr) continue;
    seal.document_type = profile->name;
    joined.insert(joined.end(), profile->features.begin(), profile->features.end());
  }
  return joined;
}

// Features and signature; false when they cannot be told apart.
bool ReadBody(Bytes bytes, Bytes body, uint16_t reference, Seal& seal) {
  std::vector<Element> elements;
  const absl::Status whole = ReadElements(body, "features", elements, kSignatureTag);
  if (!whole.ok()) seal.findings.push_back({Defect::kElementsMalformed, std::string(whole.message())});
  if (!elements.empty() && elements.back().tag == kSignatureTag) {
    const Element& last = elements.back();
    seal.signature.emplace(last.value.begin(), last.value.end());
    const size_t at = static_cast<size_t>(last.encoding.data() - bytes.data());
    seal.signed_bytes.assign(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(at));
    const size_t trailing = bytes.size() - at - last.encoding.size();
    if (trailing != 0) seal.findings.push_back({Defect::kTrailingBytes, absl::StrFormat("%d bytes", trailing)});
    elements.pop_back();
  } else {
    seal.findings.push_back({Defect::kSignatureMissing, ""});
  }
  std::vector<FeatureDefinition> joined;
  ReadFeatures(elements, DefinitionsFor(elements, reference, joined, seal), seal);
  return whole.ok();
}

absl::StatusOr<Reading> Read(Bytes bytes, Layout layout) {
  Reading reading;
  Seal& seal = reading.seal;
  seal.version = layout == Layout::kVersion3 ? 3 : 4;
  GH_ASSIGN_OR_RETURN(const std::string country, DecodeC40(bytes.subspan(2, 2), "issuing country"));
  seal.issuing_country = CutFillers(country);
  Bytes rest = bytes.subspan(kReferenceAt);
  GH_RETURN_IF_ERROR(ReadSigner(layout, rest, seal.signer));
  if (rest.size() < kHeaderRest) return Malformed("header", "is cut off");
  seal.issue_date = ReadSealDate(rest.first(3));
  seal.signature_date = ReadSealDate(rest.subspan(3, 3));
  const uint16_t reference = static_cast<uint16_t>(rest[6] << 8 | rest[7]);
  seal.feature_definition = absl::StrFormat("%04x", reference);
  if (layout == Layout::kVersion4Decimal) seal.findings.push_back({Defect::kReferenceLengthDecimal, ""});
  if (layout == Layout::kVersion4Fixed) seal.findings.push_back({Defect::kReferenceOfVersion3, ""});
  const auto& serial = seal.signer.certificate_reference;
  if (!std::all_of(serial.begin(), serial.end(), [](char c) { return absl::ascii_isxdigit(c); })) {
    seal.findings.push_back({Defect::kReferenceNotHexadecimal, ""});
  }
  const bool dates_possible = seal.issue_date.possible() && seal.signature_date.possible();
  if (!seal.issue_date.possible()) seal.findings.push_back({Defect::kIssueDateImpossible, seal.issue_date.digits});
  if (!seal.signature_date.possible()) {
    seal.findings.push_back({Defect::kSignatureDateImpossible, seal.signature_date.digits});
  }
  const bool whole = ReadBody(bytes, rest.subspan(kHeaderRest), reference, seal);
  reading.score = (dates_possible ? 2 : 0) + (whole ? 2 : 0) + (seal.signature ? 1 : 0);
  return reading;
}

}  // namespace

absl::StatusOr<Seal> ReadVds(Bytes bytes) {
  if (bytes.size() > kMaxVdsBytes) return Malformed("seal", "is longer than the limit");
  if (bytes.size() < kReferenceAt || bytes[0] != kVdsMagic) return Malformed("seal", "does not begin as a VDS");
  if (bytes[1] != 0x02 && bytes[1] != 0x03) return Malformed("version", "is neither 02 (3) nor 03 (4)");
  if (bytes[1] == 0x02) {
    GH_ASSIGN_OR_RETURN(Reading reading, Read(bytes, Layout::kVersion3));
    return std::move(reading.seal);
  }
  absl::StatusOr<Reading> best = Read(bytes, Layout::kVersion4);
  for (const Layout layout : {Layout::kVersion4Decimal, Layout::kVersion4Fixed}) {
    absl::StatusOr<Reading> other = Read(bytes, layout);
    if (!other.ok()) continue;
    // A reference that begins with "03" reads both ways; of these two signers it is known.
    const bool known = layout == Layout::kVersion4Fixed && IsFixedReferenceSigner(other->seal.signer.identifier);
    if (!best.ok() || other->score > best->score || (known && other->score == best->score)) best = std::move(other);
  }
  GH_RETURN_IF_ERROR(best.status());
  return std::move(best->seal);
}

}  // namespace gatehouse::emrtd::seals
