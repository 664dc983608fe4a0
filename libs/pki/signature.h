// Signature algorithms and public keys: everything that has signed travel documents. RSA PKCS#1 v1.5 and PSS with any
// parameters, ECDSA (DER, and the plain r||s of TR-03111) on the NIST and Brainpool curves, named or spelled out.
// Values are immutable and may be used by any number of threads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "libs/pki/digest.h"

namespace gatehouse::pki {

inline constexpr int kMinRsaBits = 1024;
inline constexpr int kMaxRsaBits = 8192;  // 6144 is the largest in use; the time of a check grows with the square

enum class SignatureScheme { kRsaPkcs1, kRsaPss, kEcdsa, kEcdsaPlain };

struct SignatureAlgorithm {
  SignatureScheme scheme = SignatureScheme::kRsaPkcs1;
  // Absent for a bare rsaEncryption or id-ecPublicKey in a SignerInfo: there the digestAlgorithm says it.
  std::optional<Digest> digest;
  // PSS only (RFC 4055): the digest of the mask generation function and the length of the salt.
  Digest mask_digest = Digest::kSha1;
  int salt_bytes = 20;

  friend bool operator==(const SignatureAlgorithm&, const SignatureAlgorithm&) = default;
};

// An AlgorithmIdentifier. PSS parameters are taken from the structure, and those absent have the defaults of RFC 4055
// (SHA-1, MGF1 with SHA-1, salt 20). INVALID_ARGUMENT for anything else, MD5 and DSA included.
absl::StatusOr<SignatureAlgorithm> ReadSignatureAlgorithm(const Tlv& algorithm_identifier, std::string_view field);

// "RSASSA-PSS SHA-256 salt 32".
std::string Describe(const SignatureAlgorithm& algorithm);

class PublicKey {
 public:
  // A SubjectPublicKeyInfo, DER. An RSA modulus out of bounds, a point that is not on its curve and explicit curve
  // parameters that are no known curve (see curve_parameters.h) are INVALID_ARGUMENT.
  static absl::StatusOr<PublicKey> Parse(Bytes subject_public_key_info);

  // For certificates known to name the wrong curve: the keys that the same point is on the other curves of that size.
  // A point lies on one curve and hardly ever on a second, so there is at most one in practice. Empty for RSA.
  static std::vector<PublicKey> OnOtherCurves(Bytes subject_public_key_info);

  // OK only if `signature` over data with this digest was made by this key with this algorithm. `digest` is what
  // `digest_value` was computed with. INVALID_ARGUMENT: algorithm and key do not go together; UNAUTHENTICATED: they do
  // and the signature does not fit.
  absl::Status Verify(const SignatureAlgorithm& algorithm, Digest digest, const DigestValue& digest_value,
                      Bytes signature) const;
  // The same over the data itself, with the digest the algorithm names.
  absl::Status VerifyData(const SignatureAlgorithm& algorithm, Bytes data, Bytes signature) const;

  // RSA keys only: signature^e mod n, and n, both big-endian and as long as n. For ISO/IEC 9796-2, where the message is
  // recovered from the signature. INVALID_ARGUMENT for a signature that is longer than n or not below it.
  absl::StatusOr<std::vector<uint8_t>> RsaPower(Bytes signature) const;
  std::vector<uint8_t> RsaModulus() const;

  bool is_rsa() const;
  // Of the modulus or of the order of the curve.
  int bits() const;
  // OpenSSL's name of the curve, empty for RSA.
  const std::string& curve() const;
  bool explicit_parameters() const;

 private:
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace gatehouse::pki
