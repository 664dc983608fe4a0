#include "libs/pki/certificate.h"

#include "libs/base/status_macros.h"
#include "libs/pki/certificate_extensions.h"
#include "libs/pki/certificate_without_key.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

absl::Status ReadValidity(TlvReader& reader, Certificate& certificate) {
  GH_ASSIGN_OR_RETURN(const Tlv validity, reader.Expect(tag::kSequence, "validity"));
  TlvReader times(validity.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv not_before, times.Next("notBefore"));
  GH_ASSIGN_OR_RETURN(const Tlv not_after, times.Next("notAfter"));
  GH_RETURN_IF_ERROR(times.ExpectEnd("validity"));
  GH_ASSIGN_OR_RETURN(certificate.not_before, ReadTime(not_before, "notBefore"));
  GH_ASSIGN_OR_RETURN(certificate.not_after, ReadTime(not_after, "notAfter"));
  return absl::OkStatus();
}

void FillKeyIdentifier(Certificate& certificate, Bytes key_bits) {
  if (!certificate.subject_key_identifier.empty() || key_bits.empty()) return;
  const DigestValue digest = ComputeDigest(Digest::kSha1, key_bits.subspan(1));
  certificate.subject_key_identifier.assign(digest.bytes().begin(), digest.bytes().end());
}

enum class Keys { kRead, kPassOver };

absl::Status ReadPublicKey(TlvReader& reader, Keys keys, Certificate& certificate, Bytes& key_bits) {
  GH_ASSIGN_OR_RETURN(const Tlv info, reader.Expect(tag::kSequence, "subjectPublicKeyInfo"));
  certificate.subject_public_key_info = info.encoding;
  if (keys == Keys::kRead) certificate.public_key = PublicKey::Parse(info.encoding);
  TlvReader parts(info.value, Rules::kDer);
  GH_RETURN_IF_ERROR(parts.Expect(tag::kSequence, "subjectPublicKeyInfo").status());
  GH_ASSIGN_OR_RETURN(const Tlv bits, parts.Expect(tag::kBitString, "subjectPublicKeyInfo"));
  key_bits = bits.value;
  return absl::OkStatus();
}

// TBSCertificate; returns the inner signature AlgorithmIdentifier.
absl::StatusOr<Tlv> ReadToBeSigned(Bytes contents, Keys keys, Certificate& certificate) {
  TlvReader reader(contents, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const auto version, reader.Optional(tag::kContext0, "version"));
  if (version) {
    GH_ASSIGN_OR_RETURN(const Tlv number, ReadOnly(version->value, tag::kInteger, Rules::kDer, "version"));
    GH_ASSIGN_OR_RETURN(const int value, ReadSmallInteger(number, "version"));
    if (value < 1 || value > 2) return Malformed("version", "is not one that DER would spell out");
  }
  GH_ASSIGN_OR_RETURN(const Tlv serial, reader.Expect(tag::kInteger, "serialNumber"));
  if (serial.value.empty() || serial.value.size() > 64) return Malformed("serialNumber", "has a size out of bounds");
  certificate.serial = serial.value;
  GH_ASSIGN_OR_RETURN(const Tlv inner_algorithm, reader.Expect(tag::kSequence, "signature"));
  GH_ASSIGN_OR_RETURN(const Tlv issuer, reader.Expect(tag::kSequence, "issuer"));
  certificate.issuer_encoding = issuer.encoding;
  GH_ASSIGN_OR_RETURN(certificate.issuer, DistinguishedName::Parse(issuer.encoding));
  GH_RETURN_IF_ERROR(ReadValidity(reader, certificate));
  GH_ASSIGN_OR_RETURN(const Tlv subject, reader.Expect(tag::kSequence, "subject"));
  GH_ASSIGN_OR_RETURN(certificate.subject, DistinguishedName::Parse(subject.encoding));
  Bytes key_bits;
  GH_RETURN_IF_ERROR(ReadPublicKey(reader, keys, certificate, key_bits));
  GH_RETURN_IF_ERROR(reader.Optional(0x81, "issuerUniqueID").status());
  GH_RETURN_IF_ERROR(reader.Optional(0x82, "subjectUniqueID").status());
  GH_ASSIGN_OR_RETURN(const auto extensions, reader.Optional(tag::kContext3, "extensions"));
  if (extensions) {
    GH_ASSIGN_OR_RETURN(const Tlv list, ReadOnly(extensions->value, tag::kSequence, Rules::kDer, "extensions"));
    certificate.violation = ReadCertificateExtensions(list.value, certificate);
  }
  GH_RETURN_IF_ERROR(reader.ExpectEnd("tbsCertificate"));
  FillKeyIdentifier(certificate, key_bits);
  return inner_algorithm;
}

absl::StatusOr<CertificatePtr> ParseCertificate(Bytes der, Keys keys) {
  if (der.size() > kMaxCertificateBytes) return Malformed("certificate", "is longer than the limit");
  auto certificate = std::make_shared<Certificate>();
  certificate->der.assign(der.begin(), der.end());
  GH_ASSIGN_OR_RETURN(const Tlv outer, ReadOnly(certificate->der, tag::kSequence, Rules::kDer, "certificate"));
  TlvReader reader(outer.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv to_be_signed, reader.Expect(tag::kSequence, "tbsCertificate"));
  GH_ASSIGN_OR_RETURN(const Tlv outer_algorithm, reader.Expect(tag::kSequence, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(const Tlv signature, reader.Expect(tag::kBitString, "signatureValue"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("certificate"));
  GH_ASSIGN_OR_RETURN(const Tlv inner_algorithm, ReadToBeSigned(to_be_signed.value, keys, *certificate));
  if (!Equal(inner_algorithm.encoding, outer_algorithm.encoding)) {
    certificate->violation = Malformed("signatureAlgorithm", "differs from the one that is signed");
  }
  GH_ASSIGN_OR_RETURN(certificate->signature_algorithm, ReadSignatureAlgorithm(inner_algorithm, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(certificate->signature, ReadBitStringOctets(signature, "signatureValue"));
  certificate->to_be_signed = to_be_signed.encoding;
  certificate->fingerprint = ComputeDigest(Digest::kSha256, certificate->der);
  return CertificatePtr(std::move(certificate));
}

}  // namespace

absl::StatusOr<CertificatePtr> Certificate::Parse(Bytes der) { return ParseCertificate(der, Keys::kRead); }
absl::StatusOr<CertificatePtr> ParseCertificateWithoutKey(Bytes der) { return ParseCertificate(der, Keys::kPassOver); }

bool Certificate::HasExtendedKeyUsage(const Oid& purpose) const {
  for (const auto& usage : extended_key_usage) {
    if (purpose == Bytes(usage)) return true;
  }
  return false;
}

absl::Status VerifySignatureBy(const Certificate& issuer, const Certificate& certificate) {
  GH_RETURN_IF_ERROR(certificate.violation);
  GH_RETURN_IF_ERROR(issuer.public_key.status());
  return issuer.public_key->VerifyData(certificate.signature_algorithm, certificate.to_be_signed,
                                       certificate.signature);
}

}  // namespace gatehouse::pki
