// CertificateRevocationList: an X.509 v2 CRL of a country authority (RFC 5280 section 5, Doc 9303-12 section 7.1.4),
// parsed once. States publish one at least every 90 days. Immutable and shared by pointer, like Certificate.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxCrlBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxRevokedCertificates = 1'000'000;
// How long a CRL without nextUpdate counts as fresh: the longest interval Doc 9303-12 allows.
inline constexpr absl::Duration kCrlLifetimeWithoutNextUpdate = absl::Hours(24 * 90);

struct CertificateRevocationList {
  CertificateRevocationList() = default;
  CertificateRevocationList(const CertificateRevocationList&) = delete;  // the spans below point into `der`
  CertificateRevocationList& operator=(const CertificateRevocationList&) = delete;

  // INVALID_ARGUMENT names the field. A CRL with a critical extension that we do not know (a delta, an indirect one) is
  // refused: reading it as a full one would call revoked certificates good.
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

  // `serial`: value octets of the INTEGER.
  bool Lists(Bytes serial) const;
  size_t revoked_count() const { return revoked_.size(); }

 private:
  friend struct CrlReader;
  std::vector<std::string_view> revoked_;  // serials, sorted
};

using CrlPtr = std::shared_ptr<const CertificateRevocationList>;

// OK when `issuer`'s key made the signature of `crl`. Looks at nothing else.
absl::Status VerifySignatureBy(const Certificate& issuer, const CertificateRevocationList& crl);

}  // namespace gatehouse::pki
