#include "libs/pki/crl.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/pki/certificate_extensions.h"

namespace gatehouse::pki {

struct CrlReader {
  // CRLReason removeFromCRL: the entry lifts a hold (RFC 5280 section 5.3.1).
  static absl::StatusOr<bool> LiftsHold(TlvReader& entry) {
    constexpr uint8_t kRemoveFromCrl = 8;
    GH_ASSIGN_OR_RETURN(const auto extensions, entry.Optional(tag::kSequence, "crlEntryExtensions"));
    if (!extensions) return false;
    TlvReader reader(extensions->value, Rules::kDer);
    while (!reader.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "crlEntryExtension"));
      GH_ASSIGN_OR_RETURN(const Extension extension, ReadExtension(element));
      GH_RETURN_IF_ERROR(extension.violation);
      if (!(oid::kCrlReason == extension.oid)) {
        // It may say that the entry is another issuer's (an indirect list), or anything else (RFC 5280 section 5.3).
        if (extension.critical) {
          return Malformed("crlEntryExtensions", "hold a critical one we do not know: " + OidText(extension.oid));
        }
        continue;
      }
      GH_ASSIGN_OR_RETURN(const Tlv reason, ReadOnly(extension.value, tag::kEnumerated, Rules::kDer, "reasonCode"));
      if (reason.value.size() == 1 && reason.value[0] == kRemoveFromCrl) return true;
    }
    return false;
  }

  static absl::Status ReadRevoked(Bytes entries, CertificateRevocationList& crl) {
    TlvReader reader(entries, Rules::kDer);
    while (!reader.at_end()) {
      if (crl.revoked_.size() >= kMaxRevokedCertificates) return Malformed("revokedCertificates", "exceed the limit");
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "revokedCertificate"));
      TlvReader entry(element.value, Rules::kDer);
      GH_ASSIGN_OR_RETURN(const Tlv serial, entry.Expect(tag::kInteger, "userCertificate"));
      GH_RETURN_IF_ERROR(entry.Next("revocationDate").status());
      GH_ASSIGN_OR_RETURN(const bool lifted, LiftsHold(entry));
      if (!lifted) crl.revoked_.push_back(AsText(serial.value));
    }
    std::sort(crl.revoked_.begin(), crl.revoked_.end());
    return absl::OkStatus();
  }

  static absl::Status ReadExtensions(Bytes explicit_value, CertificateRevocationList& crl) {
    GH_ASSIGN_OR_RETURN(const Tlv list, ReadOnly(explicit_value, tag::kSequence, Rules::kDer, "crlExtensions"));
    TlvReader reader(list.value, Rules::kDer);
    while (!reader.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "crlExtension"));
      GH_ASSIGN_OR_RETURN(const Extension extension, ReadExtension(element));
      GH_RETURN_IF_ERROR(extension.violation);
      if (oid::kAuthorityKeyIdentifier == extension.oid) {
        GH_RETURN_IF_ERROR(ReadAuthorityKeyIdentifier(extension.value, crl.authority_key_identifier));
      } else if (extension.critical && !(oid::kCrlNumber == extension.oid)) {
        return Malformed("crlExtensions", "hold a critical one we do not know: " + OidText(extension.oid));
      }
    }
    return absl::OkStatus();
  }

  // TBSCertList; returns the inner signature AlgorithmIdentifier.
  static absl::StatusOr<Tlv> ReadToBeSigned(Bytes contents, CertificateRevocationList& crl) {
    TlvReader reader(contents, Rules::kDer);
    GH_RETURN_IF_ERROR(reader.Optional(tag::kInteger, "version").status());
    GH_ASSIGN_OR_RETURN(const Tlv inner_algorithm, reader.Expect(tag::kSequence, "signature"));
    GH_ASSIGN_OR_RETURN(const Tlv issuer, reader.Expect(tag::kSequence, "issuer"));
    GH_ASSIGN_OR_RETURN(crl.issuer, DistinguishedName::Parse(issuer.encoding));
    GH_ASSIGN_OR_RETURN(const Tlv this_update, reader.Next("thisUpdate"));
    GH_ASSIGN_OR_RETURN(crl.this_update, ReadTime(this_update, "thisUpdate"));
    crl.next_update = crl.this_update + kCrlLifetimeWithoutNextUpdate;
    if (reader.PeekTag() == tag::kUtcTime || reader.PeekTag() == tag::kGeneralizedTime) {
      GH_ASSIGN_OR_RETURN(const Tlv next_update, reader.Next("nextUpdate"));
      GH_ASSIGN_OR_RETURN(crl.next_update, ReadTime(next_update, "nextUpdate"));
    }
    GH_ASSIGN_OR_RETURN(const auto revoked, reader.Optional(tag::kSequence, "revokedCertificates"));
    if (revoked) GH_RETURN_IF_ERROR(ReadRevoked(revoked->value, crl));
    GH_ASSIGN_OR_RETURN(const auto extensions, reader.Optional(tag::kContext0, "crlExtensions"));
    if (extensions) GH_RETURN_IF_ERROR(ReadExtensions(extensions->value, crl));
    GH_RETURN_IF_ERROR(reader.ExpectEnd("tbsCertList"));
    return inner_algorithm;
  }
};

absl::StatusOr<CrlPtr> CertificateRevocationList::Parse(Bytes der) {
  if (der.size() > kMaxCrlBytes) return Malformed("CRL", "is longer than the limit");
  auto crl = std::make_shared<CertificateRevocationList>();
  crl->der.assign(der.begin(), der.end());
  GH_ASSIGN_OR_RETURN(const Tlv outer, ReadOnly(crl->der, tag::kSequence, Rules::kDer, "CRL"));
  TlvReader reader(outer.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv to_be_signed, reader.Expect(tag::kSequence, "tbsCertList"));
  GH_ASSIGN_OR_RETURN(const Tlv outer_algorithm, reader.Expect(tag::kSequence, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(const Tlv signature, reader.Expect(tag::kBitString, "signatureValue"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("CRL"));
  GH_ASSIGN_OR_RETURN(const Tlv inner_algorithm, CrlReader::ReadToBeSigned(to_be_signed.value, *crl));
  if (!Equal(inner_algorithm.encoding, outer_algorithm.encoding)) {
    return Malformed("signatureAlgorithm", "differs from the one that is signed");
  }
  GH_ASSIGN_OR_RETURN(crl->signature_algorithm, ReadSignatureAlgorithm(inner_algorithm, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(crl->signature, ReadBitStringOctets(signature, "signatureValue"));
  crl->to_be_signed = to_be_signed.encoding;
  crl->fingerprint = ComputeDigest(Digest::kSha256, crl->der);
  return CrlPtr(std::move(crl));
}

bool CertificateRevocationList::Lists(Bytes serial) const {
  return std::binary_search(revoked_.begin(), revoked_.end(), AsText(serial));
}

absl::Status VerifySignatureBy(const Certificate& issuer, const CertificateRevocationList& crl) {
  GH_RETURN_IF_ERROR(issuer.public_key.status());
  return issuer.public_key->VerifyData(crl.signature_algorithm, crl.to_be_signed, crl.signature);
}

}  // namespace gatehouse::pki
