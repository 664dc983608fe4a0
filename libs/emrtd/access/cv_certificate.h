// Card-verifiable certificates (TR-03110-3 annexes C and D): how a state says which terminals may read fingerprints and
// irises from its chips. Country authority (CVCA), document verifier (DV), terminal; and requests for certificates.
// Strict DER with the data objects in the order of the standard: a chip reads them no other way. Read in place: the
// caller's bytes must outlive the value.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/emrtd/access/octets.h"
#include "libs/pki/signature.h"

namespace gatehouse::emrtd::access {

// A certificate with explicit curve parameters has some 700 octets.
inline constexpr size_t kMaxCvCertificateBytes = 8 * 1024;
inline constexpr size_t kMaxCvExtensions = 16;

enum class CvRole { kAuthority, kDomesticVerifier, kForeignVerifier, kTerminal };
enum class CvTerminalType { kInspectionSystem, kAuthenticationTerminal, kSignatureTerminal };
std::string_view ToWord(CvRole role);          // "authority", "domestic_verifier", "foreign_verifier", "terminal"
std::string_view ToWord(CvTerminalType type);  // "inspection_system", ...

// Certificate holder authorisation template (7F4C).
struct CvAuthorization {
  CvTerminalType type = CvTerminalType::kInspectionSystem;
  CvRole role = CvRole::kTerminal;
  Bytes rights;  // the discretionary data, whole: the first two bits are the role

  // Of inspection systems; false for other types.
  bool reads_fingerprints() const;  // DG3
  bool reads_irises() const;        // DG4
};

// 7F49. Domain parameters stand in the certificates of authorities only; all below inherit them.
struct CvPublicKey {
  pki::SignatureAlgorithm algorithm;  // what this key signs with
  bool rsa = false;
  Bytes modulus, exponent;                        // RSA
  Bytes point;                                    // ECDSA
  bool has_domain_parameters = false;             // ECDSA
  Bytes prime, a, b, generator, order, cofactor;  // when it has
};

struct CvExtension {
  Bytes identifier;  // value octets of the object identifier
  Bytes encoding;    // the whole template 73
};

struct CvCertificate {
  std::string authority;  // reference of the key that signed it: country, mnemonic, five characters of sequence
  std::string holder;
  CvPublicKey key;
  CvAuthorization authorization;
  absl::CivilDay effective, expiration;  // both included
  std::vector<CvExtension> extensions;
  Bytes body;  // 7F4E, whole: what is signed
  Bytes signature;
  Bytes encoding;

  bool self_signed() const { return authority == holder; }
};

// INVALID_ARGUMENT names the data object. The signature is not looked at.
absl::StatusOr<CvCertificate> ReadCvCertificate(Bytes bytes);

// A request: signed by the key in it and, when it is authenticated (67), by a key the authority knows already.
struct CvRequest {
  std::string authority;  // may be empty
  std::string holder;
  CvPublicKey key;
  std::vector<CvExtension> extensions;
  Bytes body, signature;
  // Of an authenticated request.
  Bytes outer_signed;  // the inner 7F21 and the reference: what the outer signature covers
  std::string outer_authority;
  Bytes outer_signature;
};
absl::StatusOr<CvRequest> ReadCvRequest(Bytes bytes);

}  // namespace gatehouse::emrtd::access
