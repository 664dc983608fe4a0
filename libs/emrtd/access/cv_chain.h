// Chains of CV certificates (TR-03110-3 annex C.2 and TR-03110-1 section 2.1): from a trust point over link
// certificates of authorities and a document verifier to a terminal. Both ends use it: a terminal that wants to know
// whether its certificates will do, and a software chip that lets terminals in.
#pragma once

#include <span>

#include "libs/emrtd/access/cv_certificate.h"

namespace gatehouse::emrtd::access {

// A public key that can check signatures, its domain parameters found.
struct CvKey {
  pki::PublicKey key;
  pki::SignatureAlgorithm algorithm;
};

// `inherited`: the key of the authority above, whose domain parameters hold when `key` has none. INVALID_ARGUMENT:
// there are none, they are those of no known curve, or the key does not fit them.
absl::StatusOr<CvKey> ResolveCvKey(const CvPublicKey& key, const CvPublicKey* inherited);

// UNAUTHENTICATED when `key` did not make `signature` over `body`.
absl::Status VerifyCvSignature(const CvKey& key, Bytes body, Bytes signature);

// The inner signature of a request by the key in it. `inherited` as above, of the authority the request is for.
absl::Status VerifyCvRequest(const CvRequest& request, const CvPublicKey* inherited);

enum class CvChainState { kValid, kInvalid, kUndetermined };

// Why not; closed.
enum class CvChainReason {
  kNone,
  kNoTrustPoint,  // kUndetermined: none of the trust points is the authority of the first certificate
  kTooLong,
  kReferenceDiffers,  // a certificate does not name the holder of the one before
  kRole,              // that holder may not sign such a certificate
  kTerminalType,
  kDomainParameters,  // of a certificate that must not have them, or none to inherit
  kKeyRefused,
  kSignature,
  kNotYetValid,
  kExpired,
};

struct CvChainResult {
  CvChainState state = CvChainState::kUndetermined;
  CvChainReason reason = CvChainReason::kNone;
  size_t position = 0;  // in the chain given, of the certificate the reason is about
  std::string detail;
  // What the last certificate may do: the rights that every certificate of the chain has, trust point included.
  bool reads_fingerprints = false, reads_irises = false;
};

struct CvChainInput {
  // Authorities that are believed: self-signed, or links that were verified before. Their days are not looked at: a
  // trust point is believed until it is replaced.
  std::span<const CvCertificate> trust_points;
  // Each signed by the holder of the one before; the first by a trust point. A self-signed authority at its head that
  // is itself a trust point, octet for octet, is passed over.
  std::span<const CvCertificate> chain;
  absl::CivilDay day;
};

inline constexpr size_t kMaxCvChainLength = 8;

CvChainResult VerifyCvChain(const CvChainInput& input);

// One step: `subject` was issued by the holder of `issuer`, whose key is `issuer_key`. kNone when it was. A link
// certificate is good after its last day too: a chip that was long away from any terminal must be able to catch up.
CvChainReason CheckIssued(const CvCertificate& issuer, const CvKey& issuer_key, const CvCertificate& subject,
                          absl::CivilDay day);

std::string_view ToWord(CvChainState state);    // "valid", "invalid", "undetermined"
std::string_view ToWord(CvChainReason reason);  // "" for kNone, "reference_differs"

}  // namespace gatehouse::emrtd::access
