// An RSA public key and the check of one signature with it. Internal to libs/pki: PublicKey is what others see.
#pragma once

#include <memory>

#include "libs/pki/signature.h"

struct rsa_st;  // RSA of OpenSSL

namespace gatehouse::pki {

// Immutable; any number of threads may verify with it.
class RsaKey {
 public:
  // An RSAPublicKey (RFC 8017 appendix A.1.1), DER. INVALID_ARGUMENT for a modulus or exponent out of bounds.
  static absl::StatusOr<RsaKey> Parse(Bytes rsa_public_key);

  // PKCS#1 v1.5 or PSS with exactly the parameters of `algorithm`; `digest` is what `value` was computed with.
  bool Fits(const SignatureAlgorithm& algorithm, Digest digest, const DigestValue& value, Bytes signature) const;

  // See PublicKey::RsaPower and RsaModulus.
  absl::StatusOr<std::vector<uint8_t>> Power(Bytes signature) const;
  std::vector<uint8_t> Modulus() const;

  int bits() const;

 private:
  explicit RsaKey(std::shared_ptr<rsa_st> key) : key_(std::move(key)) {}
  std::shared_ptr<rsa_st> key_;
};

}  // namespace gatehouse::pki
