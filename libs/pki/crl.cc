#include "libs/pki/crl.h"

#include <algorithm>
#include <array>

#include "libs/base/status_macros.h"
#include "libs/pki/certificate_extensions.h"

namespace gatehouse::pki {

namespace {

absl::StatusOr<RevocationReason> ReadReason(Bytes value) {
  constexpr std::string_view kField = "reasonCode";
  GH_ASSIGN_OR_RETURN(const Tlv reason, ReadOnly(value, tag::kEnumerated, Rules::kDer, kField));
  constexpr uint8_t kUnused = 7, kLast = 10;
  if (reason.value.size() != 1 || reason.value[0] == kUnused || reason.value[0] > kLast) {
    return Malformed(kField, "is none of RFC 5280");
  }
  return static_cast<RevocationReason>(reason.value[0]);
}

// certificateIssuer: GeneralNames, one of which must be the directory name of the issuer.
absl::StatusOr<bool> Names(Bytes general_names, const DistinguishedName& issuer) {
  constexpr std::string_view kField = "certificateIssuer";
  constexpr uint32_t kDirectoryName = 0xA4;
  GH_ASSIGN_OR_RETURN(const Tlv list, ReadOnly(general_names, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(list.value, Rules::kDer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv name, reader.Next(kField));
    if (name.tag != kDirectoryName) continue;
    GH_ASSIGN_OR_RETURN(const DistinguishedName directory_name, DistinguishedName::Parse(name.value));
    if (directory_name == issuer) return true;
  }
  return false;
}

// IssuingDistributionPoint ::= SEQUENCE { [0] name, [1] user, [2] CA, [3] reasons, [4] indirect, [5] attribute }
absl::Status ReadIssuingDistributionPoint(Bytes value, CrlScope& scope) {
  constexpr std::string_view kField = "issuingDistributionPoint";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(value, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next(kField));
    if (part.tag == tag::kContext0) {
      scope.one_distribution_point = true;
      continue;
    }
    if (part.tag == 0x83) {
      scope.only_some_reasons = true;
      continue;
    }
    GH_ASSIGN_OR_RETURN(const bool flag, ReadBoolean(part, kField));
    if (part.tag == 0x81)
      scope.only_signers = flag;
    else if (part.tag == 0x82)
      scope.only_authorities = flag;
    else if (part.tag == 0x84)
      scope.indirect = flag;
    else if (part.tag == 0x85)
      scope.only_attribute_certificates = flag;
    else
      return Malformed(kField, "has an unknown part");
  }
  return absl::OkStatus();
}

}  // namespace

struct CrlReader {
  // In an indirect list: the entry at hand, and those after it until another is named, are of this list's issuer.
  bool of_own_issuer = true;
  bool names_issuers = false;

  absl::Status ReadEntryExtensions(Bytes extensions, const CertificateRevocationList& crl, RevokedCertificate& entry) {
    TlvReader reader(extensions, Rules::kDer);
    while (!reader.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "crlEntryExtension"));
      GH_ASSIGN_OR_RETURN(const Extension extension, ReadExtension(element));
      GH_RETURN_IF_ERROR(extension.violation);
      if (oid::kCrlReason == extension.oid) {
        GH_ASSIGN_OR_RETURN(entry.reason, ReadReason(extension.value));
      } else if (oid::kCertificateIssuer == extension.oid) {
        names_issuers = true;
        GH_ASSIGN_OR_RETURN(of_own_issuer, Names(extension.value, crl.issuer));
      } else if (extension.critical) {
        // It may say anything (RFC 5280 section 5.3).
        return Malformed("crlEntryExtensions", "hold a critical one we do not know: " + OidText(extension.oid));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadRevoked(Bytes entries, CertificateRevocationList& crl) {
    TlvReader reader(entries, Rules::kDer);
    while (!reader.at_end()) {
      if (crl.revoked_.size() >= kMaxRevokedCertificates) return Malformed("revokedCertificates", "exceed the limit");
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "revokedCertificate"));
      TlvReader parts(element.value, Rules::kDer);
      GH_ASSIGN_OR_RETURN(const Tlv serial, parts.Expect(tag::kInteger, "userCertificate"));
      RevokedCertificate entry{.serial = AsText(serial.value)};
      GH_ASSIGN_OR_RETURN(const Tlv date, parts.Next("revocationDate"));
      GH_ASSIGN_OR_RETURN(entry.revoked_at, ReadTime(date, "revocationDate"));
      GH_ASSIGN_OR_RETURN(const auto extensions, parts.Optional(tag::kSequence, "crlEntryExtensions"));
      if (extensions) GH_RETURN_IF_ERROR(ReadEntryExtensions(extensions->value, crl, entry));
      GH_RETURN_IF_ERROR(parts.ExpectEnd("revokedCertificate"));
      if (of_own_issuer && entry.reason != RevocationReason::kRemoveFromCrl) crl.revoked_.push_back(entry);
    }
    std::sort(crl.revoked_.begin(), crl.revoked_.end(), [](const RevokedCertificate& a, const RevokedCertificate& b) {
      return a.serial != b.serial ? a.serial < b.serial : a.revoked_at < b.revoked_at;
    });
    return absl::OkStatus();
  }

  absl::Status ReadExtensions(Bytes explicit_value, CertificateRevocationList& crl) const {
    GH_ASSIGN_OR_RETURN(const Tlv list, ReadOnly(explicit_value, tag::kSequence, Rules::kDer, "crlExtensions"));
    TlvReader reader(list.value, Rules::kDer);
    while (!reader.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, "crlExtension"));
      GH_ASSIGN_OR_RETURN(const Extension extension, ReadExtension(element));
      GH_RETURN_IF_ERROR(extension.violation);
      if (oid::kAuthorityKeyIdentifier == extension.oid) {
        GH_ASSIGN_OR_RETURN(const AuthorityKeyIdentifier authority, ReadAuthorityKeyIdentifier(extension.value));
        crl.authority_key_identifier = authority.key_identifier;
      } else if (oid::kDeltaCrlIndicator == extension.oid) {
        crl.scope.delta = true;
      } else if (oid::kIssuingDistributionPoint == extension.oid) {
        GH_RETURN_IF_ERROR(ReadIssuingDistributionPoint(extension.value, crl.scope));
      } else if (extension.critical && !(oid::kCrlNumber == extension.oid)) {
        return Malformed("crlExtensions", "hold a critical one we do not know: " + OidText(extension.oid));
      }
    }
    return absl::OkStatus();
  }

  // TBSCertList; returns the inner signature AlgorithmIdentifier.
  absl::StatusOr<Tlv> ReadToBeSigned(Bytes contents, CertificateRevocationList& crl) {
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
    if (names_issuers && !crl.scope.indirect) {
      return Malformed("crlEntryExtensions", "name other issuers, and the list does not say that it is indirect");
    }
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
  GH_ASSIGN_OR_RETURN(const Tlv inner_algorithm, CrlReader().ReadToBeSigned(to_be_signed.value, *crl));
  if (!Equal(inner_algorithm.encoding, outer_algorithm.encoding)) {
    return Malformed("signatureAlgorithm", "differs from the one that is signed");
  }
  GH_ASSIGN_OR_RETURN(crl->signature_algorithm, ReadSignatureAlgorithm(inner_algorithm, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(crl->signature, ReadBitStringOctets(signature, "signatureValue"));
  crl->to_be_signed = to_be_signed.encoding;
  crl->fingerprint = ComputeDigest(Digest::kSha256, crl->der);
  return CrlPtr(std::move(crl));
}

std::string_view CertificateRevocationList::WhyNotWholeFor(const Certificate& certificate) const {
  if (scope.delta) return "holds only what changed since another one";
  if (scope.indirect) return "is an indirect one";
  if (scope.only_some_reasons) return "is for some reasons of revocation only";
  if (scope.only_attribute_certificates) return "is for attribute certificates only";
  const bool is_authority = certificate.is_authority.value_or(false);
  if (scope.only_signers && is_authority) return "is for signers only";
  if (scope.only_authorities && !is_authority) return "is for authorities only";
  if (scope.one_distribution_point) return "is that of one distribution point";
  return "";
}

bool CertificateRevocationList::Supersedes(const CertificateRevocationList& earlier) const {
  return scope == CrlScope() || (scope == earlier.scope && !scope.delta && !scope.one_distribution_point);
}

const RevokedCertificate* CertificateRevocationList::Find(Bytes serial) const {
  const auto found =
      std::lower_bound(revoked_.begin(), revoked_.end(), AsText(serial),
                       [](const RevokedCertificate& entry, std::string_view wanted) { return entry.serial < wanted; });
  return found != revoked_.end() && found->serial == AsText(serial) ? &*found : nullptr;
}

std::string_view ToWord(RevocationReason reason) {
  static constexpr std::array<std::string_view, 11> kWords = {
      "unspecified",     "key_compromise",         "ca_compromise",    "affiliation_changed",
      "superseded",      "cessation_of_operation", "certificate_hold", "",
      "remove_from_crl", "privilege_withdrawn",    "aa_compromise"};
  return kWords[static_cast<size_t>(reason)];
}

absl::Status VerifySignatureBy(const Certificate& issuer, const CertificateRevocationList& crl) {
  GH_RETURN_IF_ERROR(issuer.public_key.status());
  return issuer.public_key->VerifyData(crl.signature_algorithm, crl.to_be_signed, crl.signature);
}

}  // namespace gatehouse::pki
