// Key pairs of the kinds found in real certificates, and the signature each makes. Explicit domain parameters are the
// norm among real EC country certificates (RFC 5480 forbids them, Doc 9303-12 demands them), so specimens carry both.
#pragma once

#include <openssl/evp.h>

#include <memory>

namespace gatehouse::specimen {

enum class KeyKind {
  kRsa2048,
  kRsa3072,
  kP256,
  kP384,
  kBrainpoolP256Explicit,
  kBrainpoolP384Explicit,
};

enum class Padding { kPkcs1, kPss };  // of RSA signatures; EC keys ignore it

struct KeyPair {
  KeyKind kind = KeyKind::kP256;
  std::shared_ptr<EVP_PKEY> pkey;

  bool rsa() const { return kind == KeyKind::kRsa2048 || kind == KeyKind::kRsa3072; }
  // The digest that fits the key: SHA-384 for 384-bit curves, SHA-256 else.
  const EVP_MD* digest() const;
};

// libcrypto refusing any of this is a bug of ours or a broken installation: the process stops.
KeyPair MakeKeyPair(KeyKind kind);

// Sets PSS with a salt as long as the digest, or leaves the default of the key.
void SetPadding(EVP_PKEY_CTX* context, const KeyPair& key, Padding padding);

}  // namespace gatehouse::specimen
