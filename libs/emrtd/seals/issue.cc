#include "libs/emrtd/seals/issue.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/c40.h"
#include "libs/emrtd/seals/key_digest.h"
#include "libs/emrtd/seals/vds.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::AsBytes;
using pki::Malformed;

constexpr size_t kIdentifierCharacters = 4;
constexpr size_t kReferenceCharactersOfVersion3 = 5;
constexpr size_t kMaxReferenceCharacters = 255;

std::string Chars(const std::vector<uint8_t>& bytes) { return std::string(bytes.begin(), bytes.end()); }

absl::StatusOr<std::string> C40(std::string_view text, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, EncodeC40(text, field));
  return Chars(bytes);
}

absl::StatusOr<std::string> Number(const std::string& text, size_t bytes, const std::string& field) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || (bytes < 8 && number >> (8 * bytes) != 0)) {
    return Malformed(field, "is no number that fits");
  }
  std::string octets;
  for (size_t i = bytes; i-- > 0;) octets += static_cast<char>(number >> (8 * i));
  return octets;
}

// "P1Y2M90D", each part once, in this order; or the hexadecimal digits of the three bytes.
absl::StatusOr<std::string> Duration(const std::string& text, const std::string& field) {
  if (text.empty() || text[0] != 'P') {
    if (text.size() == 6 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit)) {
      return absl::HexStringToBytes(text);
    }
    return Malformed(field, "is no duration like P90D");
  }
  std::string octets(3, '\0');
  size_t at = 1;
  for (const auto& [unit, index] : {std::pair('Y', 2), std::pair('M', 1), std::pair('D', 0)}) {
    const size_t end = text.find(unit, at);
    if (end == std::string::npos) continue;
    uint32_t number = 0;
    if (!absl::SimpleAtoi(text.substr(at, end - at), &number) || number >= 0xFE) {
      return Malformed(field, "has a part above 253");
    }
    octets[static_cast<size_t>(index)] = static_cast<char>(number);
    at = end + 1;
  }
  if (at != text.size() || at == 1) return Malformed(field, "is no duration like P90D");
  return octets;
}

absl::StatusOr<std::string> Day(const std::string& text, const std::string& field) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) return Malformed(field, "is no day like 2026-01-31");
  return absl::FormatCivilTime(day);
}

// The zone as the seal holds it: joined, and a visa's without the free places at the end.
std::string ZoneOf(const FeatureDefinition& definition, std::string zone) {
  const auto blank = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
  zone.erase(std::remove_if(zone.begin(), zone.end(), blank), zone.end());
  constexpr size_t kMrvA = 88, kMrvACut = 72, kMrvB = 72, kMrvBCut = 64;
  if (definition.name == "mrz_mrv_a" && zone.size() == kMrvA) zone.resize(kMrvACut);
  if (definition.name == "mrz_mrv_b" && zone.size() == kMrvB) zone.resize(kMrvBCut);
  return zone;
}

absl::StatusOr<std::string> Encode(const FeatureDefinition& definition, const std::string& value) {
  const std::string field(definition.name);
  switch (definition.coding) {
    case Coding::kBytes:
      if (value.size() % 2 != 0 || !std::all_of(value.begin(), value.end(), absl::ascii_isxdigit)) {
        return Malformed(field, "is not in hexadecimal digits");
      }
      return absl::HexStringToBytes(value);
    case Coding::kC40:
      return C40(value, field);
    case Coding::kZone:
      return C40(ZoneOf(definition, value), field);
    case Coding::kUtf8:
      return value;
    case Coding::kNumber:
      return Number(value, definition.max_bytes <= 7 ? definition.max_bytes : 4, field);
    case Coding::kDuration:
      return Duration(value, field);
    case Coding::kDate:
    case Coding::kMaskedDate: {
      absl::CivilDay day;
      if (!absl::ParseCivilTime(value, &day)) return Malformed(field, "is no day like 2026-01-31");
      return definition.coding == Coding::kDate ? WriteSealDate(day) : WriteMaskedDate(day);
    }
    case Coding::kDateText: {
      GH_ASSIGN_OR_RETURN(std::string day, Day(value, field));
      day.erase(std::remove(day.begin(), day.end(), '-'), day.end());
      return day;
    }
    case Coding::kDatesText:
      return Malformed(field, "cannot be written");
  }
  return Malformed(field, "cannot be written");
}

absl::StatusOr<std::string> WriteFeatures(const IssueRequest& request, const SealDefinition& definition) {
  std::string features;
  for (const IssueRequest::Field& field : request.fields) {
    const auto found = std::find_if(definition.features.begin(), definition.features.end(),
                                    [&](const FeatureDefinition& one) { return one.name == field.name; });
    FeatureDefinition feature{.name = field.name, .coding = Coding::kBytes};
    uint32_t tag = 0;
    if (found != definition.features.end()) {
      feature = *found;
    } else if (absl::StartsWith(field.name, "tag_") && absl::SimpleAtoi(field.name.substr(4), &tag) &&
               tag < kSignatureTag) {
      feature.tag = static_cast<uint8_t>(tag);
    } else {
      return Malformed(field.name, "is no feature of the definition");
    }
    GH_ASSIGN_OR_RETURN(const std::string value, Encode(feature, field.value));
    if (value.size() < feature.min_bytes || value.size() > feature.max_bytes) {
      return Malformed(field.name, "has a length that the definition does not allow");
    }
    features += WriteElement(feature.tag, value);
  }
  for (const FeatureDefinition& feature : definition.features) {
    const auto given = [&](const IssueRequest::Field& field) { return field.name == feature.name; };
    if (feature.required && std::none_of(request.fields.begin(), request.fields.end(), given)) {
      return Malformed(feature.name, "is missing");
    }
  }
  return features;
}

absl::StatusOr<std::string> WriteHeader(const IssueRequest& request) {
  const std::string& reference = request.certificate_reference;
  if (request.version != 3 && request.version != 4) return Malformed("version", "is neither 3 nor 4");
  if (request.signer_identifier.size() != kIdentifierCharacters) {
    return Malformed("signer identifier", "has not four characters");
  }
  if (request.issuing_country.empty() || request.issuing_country.size() > 3) {
    return Malformed("issuing country", "has not one to three letters");
  }
  if (reference.empty() || !std::all_of(reference.begin(), reference.end(), absl::ascii_isxdigit)) {
    return Malformed("certificate reference", "is not in hexadecimal digits");
  }
  std::string header = {static_cast<char>(kVdsMagic), static_cast<char>(request.version - 1)};
  std::string country = request.issuing_country;
  country.resize(3, '<');
  GH_ASSIGN_OR_RETURN(const std::string country_bytes, C40(country, "issuing country"));
  header += country_bytes;
  const std::string upper = absl::AsciiStrToUpper(reference);
  std::string signer = request.signer_identifier;
  if (request.version == 3) {
    if (upper.size() > kReferenceCharactersOfVersion3)
      return Malformed("certificate reference", "is too long for version 3");
    signer += std::string(kReferenceCharactersOfVersion3 - upper.size(), '0') + upper;
  } else {
    if (upper.size() > kMaxReferenceCharacters) return Malformed("certificate reference", "is longer than the limit");
    absl::StrAppendFormat(&signer, "%02X", upper.size());
  }
  GH_ASSIGN_OR_RETURN(const std::string signer_bytes, C40(signer, "signer identifier"));
  header += signer_bytes;
  if (request.version == 4) {
    GH_ASSIGN_OR_RETURN(const std::string reference_bytes, C40(upper, "certificate reference"));
    header += reference_bytes;
  }
  header += WriteSealDate(request.issue_date) + WriteSealDate(request.signature_date);
  header += {static_cast<char>(request.feature_definition >> 8), static_cast<char>(request.feature_definition)};
  return header;
}

}  // namespace

absl::StatusOr<std::string> IssueVds(const IssueRequest& request, const pki::SigningKey& key) {
  const SealDefinition* definition = FindDefinition(request.feature_definition);
  if (definition == nullptr) return Malformed("feature definition", "is not in the tables");
  GH_ASSIGN_OR_RETURN(std::string seal, WriteHeader(request));
  GH_ASSIGN_OR_RETURN(const std::string features, WriteFeatures(request, *definition));
  seal += features;
  GH_ASSIGN_OR_RETURN(const pki::PublicKey public_key, pki::PublicKey::Parse(key.public_key_info()));
  if (public_key.is_rsa()) return Malformed("key", "is an RSA key: seals are signed with elliptic curves");
  const pki::Digest digest = DigestOfKey(public_key.bits());
  const pki::DigestValue value = pki::ComputeDigest(digest, AsBytes(seal));
  GH_ASSIGN_OR_RETURN(const std::vector<uint8_t> signature, key.SignDigest(digest, value.bytes()));
  // What leaves here must be read by everybody: our own check is the first.
  GH_RETURN_IF_ERROR(
      public_key.Verify({.scheme = pki::SignatureScheme::kEcdsaPlain, .digest = digest}, digest, value, signature));
  return seal + WriteElement(kSignatureTag, Chars(signature));
}

absl::StatusOr<SignerReference> ReferenceTo(const pki::Certificate& certificate) {
  SignerReference reference;
  reference.identifier =
      absl::AsciiStrToUpper(absl::StrCat(certificate.subject.country(), certificate.subject.common_name()));
  if (reference.identifier.size() != kIdentifierCharacters) {
    return Malformed("certificate", "is not that of a seal signer: country and common name of two letters each");
  }
  std::string digits = absl::AsciiStrToUpper(certificate.serial_text());
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  reference.certificate_reference = digits;
  return reference;
}

}  // namespace gatehouse::emrtd::seals
