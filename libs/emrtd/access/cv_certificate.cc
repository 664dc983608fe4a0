#include "libs/emrtd/access/cv_certificate.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Digest;
using pki::Malformed;
using pki::Rules;
using pki::SignatureScheme;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kCertificateTag = 0x7F21, kBodyTag = 0x7F4E, kProfileTag = 0x5F29, kAuthorityTag = 0x42,
                   kKeyTag = 0x7F49, kHolderTag = 0x5F20, kAuthorizationTag = 0x7F4C, kEffectiveTag = 0x5F25,
                   kExpirationTag = 0x5F24, kExtensionsTag = 0x65, kTemplateTag = 0x73, kDiscretionaryTag = 0x53,
                   kSignatureTag = 0x5F37, kAuthenticatedRequestTag = 0x67;
constexpr size_t kMinReferenceBytes = 8, kMaxReferenceBytes = 16;

struct AlgorithmRow {
  pki::Oid identifier;
  SignatureScheme scheme;
  Digest digest;
};
// id-TA (TR-03110-3 A.7.2). PSS: mask and salt go with the digest.
constexpr AlgorithmRow kAlgorithms[] = {
    {"0.4.0.127.0.7.2.2.2.1.1", SignatureScheme::kRsaPkcs1, Digest::kSha1},
    {"0.4.0.127.0.7.2.2.2.1.2", SignatureScheme::kRsaPkcs1, Digest::kSha256},
    {"0.4.0.127.0.7.2.2.2.1.3", SignatureScheme::kRsaPss, Digest::kSha1},
    {"0.4.0.127.0.7.2.2.2.1.4", SignatureScheme::kRsaPss, Digest::kSha256},
    {"0.4.0.127.0.7.2.2.2.1.5", SignatureScheme::kRsaPkcs1, Digest::kSha512},
    {"0.4.0.127.0.7.2.2.2.1.6", SignatureScheme::kRsaPss, Digest::kSha512},
    {"0.4.0.127.0.7.2.2.2.2.1", SignatureScheme::kEcdsaPlain, Digest::kSha1},
    {"0.4.0.127.0.7.2.2.2.2.2", SignatureScheme::kEcdsaPlain, Digest::kSha224},
    {"0.4.0.127.0.7.2.2.2.2.3", SignatureScheme::kEcdsaPlain, Digest::kSha256},
    {"0.4.0.127.0.7.2.2.2.2.4", SignatureScheme::kEcdsaPlain, Digest::kSha384},
    {"0.4.0.127.0.7.2.2.2.2.5", SignatureScheme::kEcdsaPlain, Digest::kSha512},
};

struct TypeRow {
  pki::Oid identifier;
  CvTerminalType type;
  size_t rights_bytes;
};
constexpr TypeRow kTypes[] = {
    {"0.4.0.127.0.7.3.1.2.1", CvTerminalType::kInspectionSystem, 1},
    {"0.4.0.127.0.7.3.1.2.2", CvTerminalType::kAuthenticationTerminal, 5},
    {"0.4.0.127.0.7.3.1.2.3", CvTerminalType::kSignatureTerminal, 1},
};

absl::StatusOr<pki::SignatureAlgorithm> ReadAlgorithm(Bytes identifier) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (!(row.identifier == identifier)) continue;
    pki::SignatureAlgorithm algorithm{.scheme = row.scheme, .digest = row.digest};
    if (row.scheme == SignatureScheme::kRsaPss) {
      algorithm.mask_digest = row.digest;
      algorithm.salt_bytes = static_cast<int>(pki::DigestSizeBytes(row.digest));
    }
    return algorithm;
  }
  return Malformed("7F49", "is for an algorithm we do not know: " + pki::OidText(identifier));
}

absl::StatusOr<CvPublicKey> ReadKey(const Tlv& object) {
  constexpr std::string_view kField = "7F49";
  CvPublicKey key;
  TlvReader reader(object.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv identifier, reader.Expect(pki::tag::kOid, kField));
  GH_ASSIGN_OR_RETURN(key.algorithm, ReadAlgorithm(identifier.value));
  key.rsa = key.algorithm.scheme != SignatureScheme::kEcdsaPlain;
  const auto value = [&](uint32_t tag, Bytes& to) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag, kField));
    if (element.value.empty()) return Malformed(kField, "has an empty number");
    to = element.value;
    return absl::OkStatus();
  };
  if (key.rsa) {
    GH_RETURN_IF_ERROR(value(0x81, key.modulus));
    GH_RETURN_IF_ERROR(value(0x82, key.exponent));
  } else {
    key.has_domain_parameters = reader.PeekTag() == 0x81;
    if (key.has_domain_parameters) {
      GH_RETURN_IF_ERROR(value(0x81, key.prime));
      GH_RETURN_IF_ERROR(value(0x82, key.a));
      GH_RETURN_IF_ERROR(value(0x83, key.b));
      GH_RETURN_IF_ERROR(value(0x84, key.generator));
      GH_RETURN_IF_ERROR(value(0x85, key.order));
    }
    GH_RETURN_IF_ERROR(value(0x86, key.point));
    if (key.has_domain_parameters) GH_RETURN_IF_ERROR(value(0x87, key.cofactor));
  }
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  return key;
}

// Country by ISO 3166-1, a mnemonic of up to nine characters of ISO 8859-1, five characters of sequence number.
absl::StatusOr<std::string> ReadReference(const Tlv& object, std::string_view field) {
  const Bytes value = object.value;
  if (value.size() < kMinReferenceBytes || value.size() > kMaxReferenceBytes) {
    return Malformed(field, "is a reference of a wrong size");
  }
  const auto capital = [](uint8_t octet) { return octet >= 'A' && octet <= 'Z'; };
  const auto printable = [](uint8_t octet) {
    return octet >= 0x20 && octet != 0x7F && !(octet >= 0x80 && octet < 0xA0);
  };
  const auto alphanumeric = [&](uint8_t octet) {
    return capital(octet) || (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9');
  };
  const Bytes sequence = value.last(5);
  if (!capital(value[0]) || !capital(value[1]) || !std::all_of(value.begin(), value.end(), printable) ||
      !std::all_of(sequence.begin(), sequence.end(), alphanumeric)) {
    return Malformed(field, "is no country, mnemonic and sequence number");
  }
  return std::string(pki::AsText(value));
}

absl::StatusOr<CvAuthorization> ReadAuthorization(const Tlv& object) {
  constexpr std::string_view kField = "7F4C";
  TlvReader reader(object.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv identifier, reader.Expect(pki::tag::kOid, kField));
  GH_ASSIGN_OR_RETURN(const Tlv rights, reader.Expect(kDiscretionaryTag, kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  for (const TypeRow& row : kTypes) {
    if (!(row.identifier == identifier.value)) continue;
    if (rights.value.size() != row.rights_bytes) return Malformed(kField, "has rights of a wrong size");
    constexpr std::array<CvRole, 4> kRoles = {CvRole::kTerminal, CvRole::kForeignVerifier, CvRole::kDomesticVerifier,
                                              CvRole::kAuthority};
    return CvAuthorization{.type = row.type, .role = kRoles[rights.value[0] >> 6], .rights = rights.value};
  }
  return Malformed(kField, "is for a terminal type we do not know: " + pki::OidText(identifier.value));
}

// YYMMDD, a digit an octet; the century is the twenty-first.
absl::StatusOr<absl::CivilDay> ReadDay(const Tlv& object, std::string_view field) {
  const Bytes digits = object.value;
  if (digits.size() != 6 || std::any_of(digits.begin(), digits.end(), [](uint8_t digit) { return digit > 9; })) {
    return Malformed(field, "is not six digits");
  }
  const int year = 2000 + digits[0] * 10 + digits[1], month = digits[2] * 10 + digits[3],
            day = digits[4] * 10 + digits[5];
  const absl::CivilDay date(year, month, day);
  if (date.year() != year || date.month() != month || date.day() != day) return Malformed(field, "is no day");
  return date;
}

absl::StatusOr<std::vector<CvExtension>> ReadExtensions(TlvReader& reader) {
  constexpr std::string_view kField = "65";
  std::vector<CvExtension> extensions;
  GH_ASSIGN_OR_RETURN(const auto object, reader.Optional(kExtensionsTag, kField));
  if (!object) return extensions;
  TlvReader templates(object->value, Rules::kDer);
  while (!templates.at_end()) {
    if (extensions.size() == kMaxCvExtensions) return Malformed(kField, "are too many");
    GH_ASSIGN_OR_RETURN(const Tlv one, templates.Expect(kTemplateTag, kField));
    TlvReader contents(one.value, Rules::kDer);
    GH_ASSIGN_OR_RETURN(const Tlv identifier, contents.Expect(pki::tag::kOid, kField));
    extensions.push_back({identifier.value, one.encoding});
  }
  if (extensions.empty()) return Malformed(kField, "is empty");
  return extensions;
}

absl::Status ReadProfile(TlvReader& reader) {
  GH_ASSIGN_OR_RETURN(const Tlv profile, reader.Expect(kProfileTag, "5F29"));
  if (profile.value.size() != 1 || profile.value[0] != 0) return Malformed("5F29", "is not profile version 1");
  return absl::OkStatus();
}

// Body and signature of a 7F21.
struct Envelope {
  Tlv body;
  Bytes signature;
};
absl::StatusOr<Envelope> ReadEnvelope(const Tlv& object) {
  TlvReader reader(object.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv body, reader.Expect(kBodyTag, "7F4E"));
  GH_ASSIGN_OR_RETURN(const Tlv signature, reader.Expect(kSignatureTag, "5F37"));
  if (signature.value.empty()) return Malformed("5F37", "is empty");
  GH_RETURN_IF_ERROR(reader.ExpectEnd("7F21"));
  return Envelope{body, signature.value};
}

absl::Status CheckSize(Bytes bytes) {
  return bytes.size() > kMaxCvCertificateBytes ? Malformed("CV certificate", "is too long") : absl::OkStatus();
}

absl::Status ReadInnerRequest(const Tlv& object, CvRequest& request) {
  GH_ASSIGN_OR_RETURN(const Envelope envelope, ReadEnvelope(object));
  request.body = envelope.body.encoding;
  request.signature = envelope.signature;
  TlvReader reader(envelope.body.value, Rules::kDer);
  GH_RETURN_IF_ERROR(ReadProfile(reader));
  GH_ASSIGN_OR_RETURN(const auto authority, reader.Optional(kAuthorityTag, "42"));
  if (authority) {
    GH_ASSIGN_OR_RETURN(request.authority, ReadReference(*authority, "42"));
  }
  GH_ASSIGN_OR_RETURN(const Tlv key, reader.Expect(kKeyTag, "7F49"));
  GH_ASSIGN_OR_RETURN(request.key, ReadKey(key));
  GH_ASSIGN_OR_RETURN(const Tlv holder, reader.Expect(kHolderTag, "5F20"));
  GH_ASSIGN_OR_RETURN(request.holder, ReadReference(holder, "5F20"));
  GH_ASSIGN_OR_RETURN(request.extensions, ReadExtensions(reader));
  return reader.ExpectEnd("7F4E");
}

}  // namespace

bool CvAuthorization::reads_fingerprints() const {
  return type == CvTerminalType::kInspectionSystem && (rights[0] & 0x01) != 0;
}

bool CvAuthorization::reads_irises() const {
  return type == CvTerminalType::kInspectionSystem && (rights[0] & 0x02) != 0;
}

absl::StatusOr<CvCertificate> ReadCvCertificate(Bytes bytes) {
  GH_RETURN_IF_ERROR(CheckSize(bytes));
  GH_ASSIGN_OR_RETURN(const Tlv object, pki::ReadOnly(bytes, kCertificateTag, Rules::kDer, "7F21"));
  GH_ASSIGN_OR_RETURN(const Envelope envelope, ReadEnvelope(object));
  CvCertificate certificate{
      .body = envelope.body.encoding, .signature = envelope.signature, .encoding = object.encoding};
  TlvReader reader(envelope.body.value, Rules::kDer);
  GH_RETURN_IF_ERROR(ReadProfile(reader));
  GH_ASSIGN_OR_RETURN(const Tlv authority, reader.Expect(kAuthorityTag, "42"));
  GH_ASSIGN_OR_RETURN(certificate.authority, ReadReference(authority, "42"));
  GH_ASSIGN_OR_RETURN(const Tlv key, reader.Expect(kKeyTag, "7F49"));
  GH_ASSIGN_OR_RETURN(certificate.key, ReadKey(key));
  GH_ASSIGN_OR_RETURN(const Tlv holder, reader.Expect(kHolderTag, "5F20"));
  GH_ASSIGN_OR_RETURN(certificate.holder, ReadReference(holder, "5F20"));
  GH_ASSIGN_OR_RETURN(const Tlv authorization, reader.Expect(kAuthorizationTag, "7F4C"));
  GH_ASSIGN_OR_RETURN(certificate.authorization, ReadAuthorization(authorization));
  GH_ASSIGN_OR_RETURN(const Tlv effective, reader.Expect(kEffectiveTag, "5F25"));
  GH_ASSIGN_OR_RETURN(certificate.effective, ReadDay(effective, "5F25"));
  GH_ASSIGN_OR_RETURN(const Tlv expiration, reader.Expect(kExpirationTag, "5F24"));
  GH_ASSIGN_OR_RETURN(certificate.expiration, ReadDay(expiration, "5F24"));
  if (certificate.expiration < certificate.effective) return Malformed("5F24", "is before 5F25");
  GH_ASSIGN_OR_RETURN(certificate.extensions, ReadExtensions(reader));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("7F4E"));
  return certificate;
}

absl::StatusOr<CvRequest> ReadCvRequest(Bytes bytes) {
  GH_RETURN_IF_ERROR(CheckSize(bytes));
  CvRequest request;
  TlvReader outer(bytes, Rules::kDer);
  if (outer.PeekTag() != kAuthenticatedRequestTag) {
    GH_ASSIGN_OR_RETURN(const Tlv object, pki::ReadOnly(bytes, kCertificateTag, Rules::kDer, "7F21"));
    GH_RETURN_IF_ERROR(ReadInnerRequest(object, request));
    return request;
  }
  GH_ASSIGN_OR_RETURN(const Tlv authenticated, pki::ReadOnly(bytes, kAuthenticatedRequestTag, Rules::kDer, "67"));
  TlvReader reader(authenticated.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv object, reader.Expect(kCertificateTag, "7F21"));
  GH_RETURN_IF_ERROR(ReadInnerRequest(object, request));
  GH_ASSIGN_OR_RETURN(const Tlv authority, reader.Expect(kAuthorityTag, "42"));
  GH_ASSIGN_OR_RETURN(request.outer_authority, ReadReference(authority, "42"));
  request.outer_signed = authenticated.value.first(authenticated.value.size() - reader.rest().size());
  GH_ASSIGN_OR_RETURN(const Tlv signature, reader.Expect(kSignatureTag, "5F37"));
  request.outer_signature = signature.value;
  GH_RETURN_IF_ERROR(reader.ExpectEnd("67"));
  return request;
}

std::string_view ToWord(CvRole role) {
  constexpr std::string_view kWords[] = {"authority", "domestic_verifier", "foreign_verifier", "terminal"};
  return kWords[static_cast<size_t>(role)];
}

std::string_view ToWord(CvTerminalType type) {
  constexpr std::string_view kWords[] = {"inspection_system", "authentication_terminal", "signature_terminal"};
  return kWords[static_cast<size_t>(type)];
}

}  // namespace gatehouse::emrtd::access
