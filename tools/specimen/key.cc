#include "tools/specimen/key.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "libs/base/check.h"

namespace gatehouse::specimen {
namespace {

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

void PrepareRsa(EVP_PKEY_CTX* context, int bits) { GH_CHECK(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) > 0); }

void PrepareEc(EVP_PKEY_CTX* context, int curve_nid, int encoding) {
  GH_CHECK(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, curve_nid) > 0);
  GH_CHECK(EVP_PKEY_CTX_set_ec_param_enc(context, encoding) > 0);
}

}  // namespace

const EVP_MD* KeyPair::digest() const {
  return kind == KeyKind::kP384 || kind == KeyKind::kBrainpoolP384Explicit ? EVP_sha384() : EVP_sha256();
}

KeyPair MakeKeyPair(KeyKind kind) {
  KeyPair key{.kind = kind};
  const Context context(EVP_PKEY_CTX_new_id(key.rsa() ? EVP_PKEY_RSA : EVP_PKEY_EC, nullptr), EVP_PKEY_CTX_free);
  GH_CHECK(context != nullptr && EVP_PKEY_keygen_init(context.get()) > 0);
  switch (kind) {
    case KeyKind::kRsa2048:
      PrepareRsa(context.get(), 2048);
      break;
    case KeyKind::kRsa3072:
      PrepareRsa(context.get(), 3072);
      break;
    case KeyKind::kP256:
      PrepareEc(context.get(), NID_X9_62_prime256v1, OPENSSL_EC_NAMED_CURVE);
      break;
    case KeyKind::kP384:
      PrepareEc(context.get(), NID_secp384r1, OPENSSL_EC_NAMED_CURVE);
      break;
    case KeyKind::kBrainpoolP256Explicit:
      PrepareEc(context.get(), NID_brainpoolP256r1, OPENSSL_EC_EXPLICIT_CURVE);
      break;
    case KeyKind::kBrainpoolP384Explicit:
      PrepareEc(context.get(), NID_brainpoolP384r1, OPENSSL_EC_EXPLICIT_CURVE);
      break;
  }
  EVP_PKEY* pkey = nullptr;
  GH_CHECK(EVP_PKEY_keygen(context.get(), &pkey) > 0);
  key.pkey.reset(pkey, EVP_PKEY_free);
  return key;
}

void SetPadding(EVP_PKEY_CTX* context, const KeyPair& key, Padding padding) {
  if (!key.rsa() || padding == Padding::kPkcs1) return;
  GH_CHECK(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0);
  GH_CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

}  // namespace gatehouse::specimen
