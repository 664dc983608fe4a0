#include "libs/pki/signing_key.h"

#include <openssl/decoder.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "libs/base/status_macros.h"
#include "libs/pki/openssl.h"

namespace gatehouse::pki {
namespace {

constexpr size_t kMaxKeyFileBytes = 64 * 1024;

// The SEQUENCE of libcrypto to r||s, each as long as the order of the curve.
absl::StatusOr<std::vector<uint8_t>> DerToPlain(Bytes der, int order_bits) {
  const uint8_t* in = der.data();
  const OpensslPtr<ECDSA_SIG, ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  if (signature == nullptr) return absl::InternalError("the key made no signature that can be read");
  const int half = (order_bits + 7) / 8;
  std::vector<uint8_t> plain(static_cast<size_t>(half) * 2);
  const bool fits = BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), plain.data(), half) == half &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), plain.data() + half, half) == half;
  if (!fits) return absl::InternalError("the key made a signature of another size");
  return plain;
}

class FileKey final : public SigningKey {
 public:
  FileKey(KeyPtr key, std::vector<uint8_t> info) : key_(std::move(key)), info_(std::move(info)) {}

  const std::vector<uint8_t>& public_key_info() const override { return info_; }

  absl::StatusOr<std::vector<uint8_t>> SignDigest(Digest digest, Bytes value) const override {
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    const bool rsa = EVP_PKEY_is_a(key_.get(), "RSA") == 1;
    std::vector<uint8_t> signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())));
    size_t size = signature.size();
    const bool made = context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
                      (!rsa || (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                                EVP_PKEY_CTX_set_signature_md(context.get(), OpensslDigest(digest)) == 1)) &&
                      EVP_PKEY_sign(context.get(), signature.data(), &size, value.data(), value.size()) == 1;
    if (!made) {
      ERR_clear_error();
      return absl::InternalError("the key does not sign");
    }
    signature.resize(size);
    if (rsa) return signature;
    return DerToPlain(signature, EVP_PKEY_get_bits(key_.get()));
  }

 private:
  KeyPtr key_;
  std::vector<uint8_t> info_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SigningKey>> ReadSigningKey(Bytes file) {
  if (file.size() > kMaxKeyFileBytes) return Malformed("key", "is longer than the limit");
  EVP_PKEY* decoded = nullptr;
  const OpensslPtr<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free> decoder(OSSL_DECODER_CTX_new_for_pkey(
      &decoded, nullptr, nullptr, nullptr, OSSL_KEYMGMT_SELECT_PRIVATE_KEY, nullptr, nullptr));
  const uint8_t* data = file.data();
  size_t size = file.size();
  const bool read = decoder != nullptr && OSSL_DECODER_from_data(decoder.get(), &data, &size) == 1;
  KeyPtr key(decoded);
  ERR_clear_error();
  if (!read || key == nullptr) return Malformed("key", "is no unencrypted private key");
  if (EVP_PKEY_is_a(key.get(), "EC") != 1 && EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return Malformed("key", "is neither an EC nor an RSA key");
  }
  uint8_t* encoded = nullptr;
  const int length = i2d_PUBKEY(key.get(), &encoded);
  if (length <= 0) return Malformed("key", "has no public part");
  std::vector<uint8_t> info(encoded, encoded + length);
  OPENSSL_free(encoded);
  return std::make_unique<FileKey>(std::move(key), std::move(info));
}

bool IsCertificateOf(const Certificate& certificate, const SigningKey& key) {
  if (Equal(certificate.subject_public_key_info, key.public_key_info())) return true;
  // Explicit curve parameters on one side and a name on the other: the point decides, which stands at the end.
  const auto point = [](Bytes info) -> Bytes {
    TlvReader outer(info, Rules::kDer);
    const auto sequence = outer.Next("key");
    if (!sequence.ok()) return {};
    TlvReader reader(sequence->value, Rules::kDer);
    if (!reader.Next("key").ok()) return {};
    const auto bits = reader.Next("key");
    return bits.ok() ? bits->value : Bytes();
  };
  const Bytes mine = point(key.public_key_info());
  return !mine.empty() && Equal(mine, point(certificate.subject_public_key_info));
}

}  // namespace gatehouse::pki
