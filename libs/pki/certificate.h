// Certificate: an X.509 v3 certificate of the travel-document PKI (RFC 5280, Doc 9303-12), parsed once by our own
// strict reader. Immutable, shared by pointer, used by any number of threads. Nothing here says that a certificate is
// to be trusted: that is TrustStore's word.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/pki/distinguished_name.h"
#include "libs/pki/oid.h"
#include "libs/pki/signature.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxCertificateBytes = 64 * 1024;
inline constexpr size_t kMaxExtensions = 64;

struct KeyUsage {
  bool digital_signature = false;
  bool key_cert_sign = false;
  bool crl_sign = false;
};

struct Period {
  std::optional<absl::Time> from;
  std::optional<absl::Time> until;
};

struct Certificate {
  Certificate() = default;
  Certificate(const Certificate&) = delete;  // the spans below point into `der`
  Certificate& operator=(const Certificate&) = delete;

  // Strict DER; INVALID_ARGUMENT names the field. Two faults are kept in the value instead, so that a report can still
  // name the certificate and say what its key signed:
  //  - `violation`: the outer signatureAlgorithm, which no signature covers, is not the inner one byte for byte; an
  //    extension is broken or stands twice; a BOOLEAN is neither 00 nor FF. Such a certificate is never valid.
  //  - the error in `public_key`: an unknown curve, forged parameters, a modulus out of bounds. It can sign nothing.
  static absl::StatusOr<std::shared_ptr<const Certificate>> Parse(Bytes der);

  std::vector<uint8_t> der;
  DigestValue fingerprint;  // SHA-256 of `der`
  Bytes to_be_signed;       // as received; the signature is checked over exactly these bytes
  Bytes signature;
  SignatureAlgorithm signature_algorithm;

  absl::Status violation;

  Bytes serial;  // value octets as encoded
  DistinguishedName issuer;
  Bytes issuer_encoding;  // the issuer name as it stands, for the quick comparison
  DistinguishedName subject;
  absl::Time not_before;
  absl::Time not_after;
  Bytes subject_public_key_info;
  absl::StatusOr<PublicKey> public_key = absl::UnknownError("not parsed");

  // The extension, or by RFC 5280 section 4.2.1.2 method (1) the SHA-1 of the key bits where it is missing.
  std::vector<uint8_t> subject_key_identifier;
  std::vector<uint8_t> authority_key_identifier;  // empty: the extension or its keyIdentifier is missing
  // The same extension may name the authority's certificate by its issuer and serial number; empty when it does not.
  DistinguishedName authority_certificate_issuer;
  std::vector<uint8_t> authority_certificate_serial;
  std::optional<bool> is_authority;  // basicConstraints cA; absent without the extension
  std::optional<KeyUsage> key_usage;
  std::optional<Period> private_key_usage;
  std::vector<std::vector<uint8_t>> extended_key_usage;    // value octets of the identifiers
  std::optional<std::vector<std::string>> document_types;  // documentTypeList (2.23.136.1.1.6.2)
  std::vector<std::string> unknown_critical_extensions;    // dotted identifiers

  bool self_issued() const { return issuer == subject; }
  bool HasExtendedKeyUsage(const Oid& purpose) const;
  // Lower-case hexadecimal.
  std::string serial_text() const { return ToHex(serial); }
  std::string fingerprint_text() const { return ToHex(fingerprint.bytes()); }
};

using CertificatePtr = std::shared_ptr<const Certificate>;

// OK when `issuer`'s key made the signature of `certificate`, and `certificate` has no violation.
absl::Status VerifySignatureBy(const Certificate& issuer, const Certificate& certificate);

}  // namespace gatehouse::pki
