// CertificateRevocationList: an X.509 v2 CRL of a country authority (RFC 5280 section 5, Doc 9303-12 section 7.1.4),
// parsed once. States publish one at least every 90 days. Immutable and shared by pointer, like Certificate.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxCrlBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxRevokedCertificates = 1'000'000;
// How long a CRL without nextUpdate counts as fresh: the longest interval Doc 9303-12 allows.
inline constexpr absl::Duration kCrlLifetimeWithoutNextUpdate = absl::Hours(24 * 90);

// CRLReason (RFC 5280 section 5.3.1), by its numbers; 7 is not used.
enum class RevocationReason {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kAuthorityCompromise = 2,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kCertificateHold = 6,  // revoked for as long as it is listed
  kRemoveFromCrl = 8,    // lifts a hold: no revocation
  kPrivilegeWithdrawn = 9,
  kAttributeAuthorityCompromise = 10,
};
// "key_compromise".
std::string_view ToWord(RevocationReason reason);

struct RevokedCertificate {
  std::string_view serial;  // value octets, in the list's `der`
  absl::Time revoked_at;
  RevocationReason reason = RevocationReason::kUnspecified;
};

// What the list leaves out (RFC 5280 sections 5.2.4 and 5.2.5). Doc 9303-12 section 7.1.4 wants whole lists only.
struct CrlScope {
  bool delta = false;                   // only what changed since another list
  bool indirect = false;                // holds entries of other issuers; those are passed over
  bool one_distribution_point = false;  // only certificates that name the same distribution point
  bool only_some_reasons = false;
  bool only_signers = false;
  bool only_authorities = false;
  bool only_attribute_certificates = false;

  friend bool operator==(const CrlScope&, const CrlScope&) = default;
};

struct CertificateRevocationList {
  CertificateRevocationList() = default;
  CertificateRevocationList(const CertificateRevocationList&) = delete;  // the spans below point into `der`
  CertificateRevocationList& operator=(const CertificateRevocationList&) = delete;

  // INVALID_ARGUMENT names the field. A CRL with a critical extension that we do not know is refused: reading it as a
  // full one would call revoked certificates good. One that says of itself that it is not whole is read, see `scope`.
  static absl::StatusOr<std::shared_ptr<const CertificateRevocationList>> Parse(Bytes der);

  std::vector<uint8_t> der;
  DigestValue fingerprint;  // SHA-256 of `der`
  Bytes to_be_signed;
  Bytes signature;
  SignatureAlgorithm signature_algorithm;
  DistinguishedName issuer;
  std::vector<uint8_t> authority_key_identifier;  // empty when missing
  absl::Time this_update;
  absl::Time next_update;  // thisUpdate + kCrlLifetimeWithoutNextUpdate when the CRL states none

  CrlScope scope;

  // Why a certificate that the list does not name may be revoked all the same, as the end of "the list ..."; empty when
  // it may not. Such a list revokes what it names and never clears anything.
  std::string_view WhyNotWholeFor(const Certificate& certificate) const;
  // Whether a later list of the issuer with this scope says all that an earlier one with that of `earlier` did. Of two
  // deltas, or of the lists of two distribution points, neither does.
  bool Supersedes(const CertificateRevocationList& earlier) const;
  // The entry of the list's own issuer that revokes the certificate; null without one. `serial`: value octets.
  const RevokedCertificate* Find(Bytes serial) const;
  bool Lists(Bytes serial) const { return Find(serial) != nullptr; }
  size_t revoked_count() const { return revoked_.size(); }

 private:
  friend struct CrlReader;
  std::vector<RevokedCertificate> revoked_;  // by serial; the earliest revocation of one serial first
};

using CrlPtr = std::shared_ptr<const CertificateRevocationList>;

// OK when `issuer`'s key made the signature of `crl`. Looks at nothing else.
absl::Status VerifySignatureBy(const Certificate& issuer, const CertificateRevocationList& crl);

}  // namespace gatehouse::pki
