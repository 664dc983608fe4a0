// SigningKey: a private key that signs, wherever it is kept: a file (here), a token behind PKCS#11 (libs/signing).
// Whoever signs asks this port and never sees the key.
#pragma once

#include <memory>
#include <vector>

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

// Thread-safe.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  // The SubjectPublicKeyInfo, DER.
  virtual const std::vector<uint8_t>& public_key_info() const = 0;
  // The signature over a digest: r||s of equal halves for an EC key, RSASSA-PKCS1-v1_5 for an RSA key. INTERNAL when
  // the key refuses, UNAVAILABLE when a token has gone.
  virtual absl::StatusOr<std::vector<uint8_t>> SignDigest(Digest digest, Bytes digest_value) const = 0;
};

// An unencrypted private key in PEM or DER (PKCS#8, SEC 1, PKCS#1). INVALID_ARGUMENT when it is none that we use.
absl::StatusOr<std::unique_ptr<SigningKey>> ReadSigningKey(Bytes file);

// Whether the certificate is that of the key.
bool IsCertificateOf(const Certificate& certificate, const SigningKey& key);

}  // namespace gatehouse::pki
