#include "libs/pki/certificate_extensions.h"

#include <array>

#include "libs/base/status_macros.h"

namespace gatehouse::pki {
namespace {

absl::Status ReadKeyUsage(Bytes value, Certificate& certificate) {
  GH_ASSIGN_OR_RETURN(const Tlv bits, ReadOnly(value, tag::kBitString, Rules::kDer, "keyUsage"));
  if (bits.value.size() < 2 || bits.value[0] > 7) return Malformed("keyUsage", "is empty");
  const uint8_t first = bits.value[1];
  certificate.key_usage = KeyUsage{
      .digital_signature = (first & 0x80) != 0, .key_cert_sign = (first & 0x04) != 0, .crl_sign = (first & 0x02) != 0};
  return absl::OkStatus();
}

absl::Status ReadBasicConstraints(Bytes value, Certificate& certificate) {
  constexpr std::string_view kField = "basicConstraints";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  certificate.is_authority = false;
  GH_ASSIGN_OR_RETURN(const auto flag, reader.Optional(tag::kBoolean, kField));
  // BER's TRUE, anything but 00: a real authority in a national master list writes 01. Its bytes are checked as they
  // stand, so no other value can slip in.
  if (flag) certificate.is_authority = flag->value.size() == 1 && flag->value[0] != 0;
  // pathLenConstraint is read past: this PKI is flat, and a country's link certificates are not counted by it.
  GH_RETURN_IF_ERROR(reader.Optional(tag::kInteger, kField).status());
  return reader.ExpectEnd(kField);
}

absl::Status ReadSubjectKeyIdentifier(Bytes value, Certificate& certificate) {
  GH_ASSIGN_OR_RETURN(const Tlv octets, ReadOnly(value, tag::kOctetString, Rules::kDer, "subjectKeyIdentifier"));
  certificate.subject_key_identifier.assign(octets.value.begin(), octets.value.end());
  return absl::OkStatus();
}

absl::Status ReadCertificateAuthorityKeyIdentifier(Bytes value, Certificate& certificate) {
  GH_ASSIGN_OR_RETURN(AuthorityKeyIdentifier authority, ReadAuthorityKeyIdentifier(value));
  certificate.authority_key_identifier = std::move(authority.key_identifier);
  certificate.authority_certificate_issuer = std::move(authority.issuer);
  certificate.authority_certificate_serial = std::move(authority.serial);
  return absl::OkStatus();
}

absl::Status ReadPrivateKeyUsagePeriod(Bytes value, Certificate& certificate) {
  constexpr std::string_view kField = "privateKeyUsagePeriod";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  Period period;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(Tlv part, reader.Next(kField));
    if (part.tag != 0x80 && part.tag != 0x81) return Malformed(kField, "has an unknown part");
    auto& end = part.tag == 0x80 ? period.from : period.until;
    part.tag = tag::kGeneralizedTime;  // implicitly tagged
    GH_ASSIGN_OR_RETURN(end, ReadTime(part, kField));
  }
  certificate.private_key_usage = period;
  return absl::OkStatus();
}

absl::Status ReadExtendedKeyUsage(Bytes value, Certificate& certificate) {
  constexpr std::string_view kField = "extendedKeyUsage";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv purpose, reader.Expect(tag::kOid, kField));
    certificate.extended_key_usage.emplace_back(purpose.value.begin(), purpose.value.end());
  }
  return absl::OkStatus();
}

// DocumentTypeListSyntax ::= SEQUENCE { version INTEGER, SET OF PrintableString }. Issuers leave out the version and
// the SET (Indonesia), so the strings are taken wherever they stand.
absl::Status ReadDocumentTypes(Bytes value, Certificate& certificate) {
  constexpr std::string_view kField = "documentTypeList";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  std::vector<std::string> types;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next(kField));
    if (part.tag == tag::kPrintableString) types.emplace_back(AsText(part.value));
    if (part.tag != tag::kSet) continue;
    TlvReader entries(part.value, Rules::kDer);
    while (!entries.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv entry, entries.Next(kField));
      types.emplace_back(AsText(entry.value));
    }
  }
  certificate.document_types = std::move(types);
  return absl::OkStatus();
}

// Understood, and in need of no reading here.
absl::Status ReadNothing(Bytes, Certificate&) { return absl::OkStatus(); }

struct KnownExtension {
  Oid oid;
  absl::Status (*read)(Bytes, Certificate&);
  bool informs_only = false;  // decides nothing: issuers write these in forms of their own, which reads as absent
};
constexpr std::array<KnownExtension, 12> kKnown = {{
    {oid::kKeyUsage, ReadKeyUsage},
    {oid::kBasicConstraints, ReadBasicConstraints},
    {oid::kSubjectKeyIdentifier, ReadSubjectKeyIdentifier},
    {oid::kAuthorityKeyIdentifier, ReadCertificateAuthorityKeyIdentifier},
    {oid::kPrivateKeyUsagePeriod, ReadPrivateKeyUsagePeriod, true},
    {oid::kExtendedKeyUsage, ReadExtendedKeyUsage},
    {oid::kDocumentTypeList, ReadDocumentTypes, true},
    {oid::kNameChange, ReadNothing},
    {oid::kSubjectAltName, ReadNothing},
    {oid::kIssuerAltName, ReadNothing},
    {oid::kCrlDistributionPoints, ReadNothing},
    {oid::kCertificatePolicies, ReadNothing},
}};

absl::Status ReadKnown(const Extension& extension, Certificate& certificate) {
  for (const KnownExtension& known : kKnown) {
    if (!(known.oid == extension.oid)) continue;
    const absl::Status read = known.read(extension.value, certificate);
    return known.informs_only && !extension.critical ? absl::OkStatus() : read;
  }
  if (extension.critical) certificate.unknown_critical_extensions.push_back(OidText(extension.oid));
  return absl::OkStatus();
}

}  // namespace

// AuthorityKeyIdentifier ::= SEQUENCE { [0] keyIdentifier, [1] authorityCertIssuer GeneralNames, [2] serial }, each
// optional. A name in another form than the directory's names nobody here.
absl::StatusOr<AuthorityKeyIdentifier> ReadAuthorityKeyIdentifier(Bytes value) {
  constexpr uint32_t kKeyIdentifier = 0x80, kIssuer = 0xA1, kSerial = 0x82, kDirectoryName = 0xA4;
  constexpr std::string_view kField = "authorityKeyIdentifier";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  AuthorityKeyIdentifier authority;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next(kField));
    if (part.tag == kKeyIdentifier) authority.key_identifier.assign(part.value.begin(), part.value.end());
    if (part.tag == kSerial) authority.serial.assign(part.value.begin(), part.value.end());
    if (part.tag != kIssuer) continue;
    absl::StatusOr<Tlv> name = ReadOnly(part.value, kDirectoryName, Rules::kDer, kField);
    if (!name.ok()) continue;
    absl::StatusOr<DistinguishedName> issuer = DistinguishedName::Parse(name->value);
    if (issuer.ok()) authority.issuer = *std::move(issuer);
  }
  return authority;
}

absl::StatusOr<Extension> ReadExtension(const Tlv& element) {
  constexpr std::string_view kField = "extension";
  TlvReader reader(element.value, Rules::kDer);
  Extension extension;
  GH_ASSIGN_OR_RETURN(const Tlv oid, reader.Expect(tag::kOid, kField));
  extension.oid = oid.value;
  GH_ASSIGN_OR_RETURN(const auto critical, reader.Optional(tag::kBoolean, kField));
  if (critical) {
    const absl::StatusOr<bool> flag = ReadBoolean(*critical, "critical");
    extension.critical = flag.value_or(true);
    extension.violation = flag.status();
  }
  GH_ASSIGN_OR_RETURN(const Tlv octets, reader.Expect(tag::kOctetString, kField));
  extension.value = octets.value;
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  return extension;
}

absl::Status ReadCertificateExtensions(Bytes extensions, Certificate& certificate) {
  std::vector<Bytes> seen;
  absl::Status violation;  // the first; the reading goes on, so that nothing critical is overlooked
  TlvReader reader(extensions, Rules::kDer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "extension"));
    GH_ASSIGN_OR_RETURN(const Extension extension, ReadExtension(element));
    if (seen.size() >= kMaxExtensions) return Malformed("extensions", "are more than the limit");
    for (const Bytes earlier : seen) {
      if (!Equal(earlier, extension.oid)) continue;
      violation.Update(Malformed("extension", "stands twice: " + OidText(extension.oid)));
    }
    seen.push_back(extension.oid);
    violation.Update(extension.violation);
    violation.Update(ReadKnown(extension, certificate));
  }
  return violation;
}

}  // namespace gatehouse::pki
