#include "libs/seal/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "libs/base/check.h"

namespace gatehouse::seal {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
static_assert(kNonceBytes + kTagBytes == kOverheadBytes);

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>;

CipherContext NewCipherContext() {
  CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  GH_CHECK(context != nullptr);
  return context;
}

// Fetched once: a look-up by name costs more than sealing a short value.
const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  GH_CHECK(cipher != nullptr);
  return cipher;
}

// HMAC and its digest are looked up by name when a context is made, which costs several times a short value's HMAC: a
// thread keeps one. It holds the last key, which the process holds anyway.
MacContext NewHmacSha256() {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext context(EVP_MAC_CTX_new(hmac), EVP_MAC_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  GH_CHECK(context != nullptr && EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

}  // namespace

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Key Key::Random(base::Random& random) {
  Key key;
  random.Fill(key.data(), kBytes);
  return key;
}

std::optional<Key> Key::FromBytes(std::string_view bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  Key key;
  std::copy(bytes.begin(), bytes.end(), key.data());
  return key;
}

Key DeriveKey(std::string_view master_key, std::string_view info) {
  static EVP_KDF* const hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  const KdfContext context(EVP_KDF_CTX_new(hkdf), EVP_KDF_CTX_free);
  GH_CHECK(context != nullptr);
  char digest[] = "SHA256";
  // OpenSSL takes these as non-const and does not write to them.
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(master_key.data()), master_key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()), info.size()),
      OSSL_PARAM_construct_end()};
  Key key;
  GH_CHECK(EVP_KDF_derive(context.get(), key.data(), Key::kBytes, parameters) == 1);
  return key;
}

std::string Encrypt(const Key& key, base::Random& random, std::string_view authenticated, std::string_view plaintext) {
  std::string out(kNonceBytes + plaintext.size() + kTagBytes, '\0');
  uint8_t* const nonce = Bytes(out);
  uint8_t* const ciphertext = nonce + kNonceBytes;
  uint8_t* const tag = ciphertext + plaintext.size();
  random.Fill(nonce, kNonceBytes);
  const CipherContext context = NewCipherContext();
  int size = 0;
  GH_CHECK(EVP_EncryptInit_ex2(context.get(), Aes256Gcm(), key.data(), nonce, nullptr) == 1);
  GH_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(authenticated),
                             static_cast<int>(authenticated.size())) == 1);
  GH_CHECK(EVP_EncryptUpdate(context.get(), ciphertext, &size, Bytes(plaintext), static_cast<int>(plaintext.size())) ==
           1);
  GH_CHECK(EVP_EncryptFinal_ex(context.get(), ciphertext + size, &size) == 1);
  GH_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
  return out;
}

std::optional<std::string> Decrypt(const Key& key, std::string_view authenticated, std::string_view encrypted) {
  if (encrypted.size() < kOverheadBytes) return std::nullopt;
  const std::string_view ciphertext = encrypted.substr(kNonceBytes, encrypted.size() - kOverheadBytes);
  std::string tag(encrypted.substr(encrypted.size() - kTagBytes));
  std::string plaintext(ciphertext.size(), '\0');
  const CipherContext context = NewCipherContext();
  int size = 0;
  GH_CHECK(EVP_DecryptInit_ex2(context.get(), Aes256Gcm(), key.data(), Bytes(encrypted), nullptr) == 1);
  GH_CHECK(EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(authenticated),
                             static_cast<int>(authenticated.size())) == 1);
  GH_CHECK(EVP_DecryptUpdate(context.get(), Bytes(plaintext), &size, Bytes(ciphertext),
                             static_cast<int>(ciphertext.size())) == 1);
  GH_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context.get(), Bytes(plaintext) + size, &size) != 1) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());
    return std::nullopt;
  }
  return plaintext;
}

std::string Hmac(const Key& key, std::string_view value) {
  thread_local const MacContext context = NewHmacSha256();
  std::string hash(32, '\0');
  size_t size = 0;
  GH_CHECK(EVP_MAC_init(context.get(), key.data(), Key::kBytes, nullptr) == 1);
  GH_CHECK(EVP_MAC_update(context.get(), Bytes(value), value.size()) == 1);
  GH_CHECK(EVP_MAC_final(context.get(), Bytes(hash), &size, hash.size()) == 1);
  GH_CHECK(size == hash.size());
  return hash;
}

}  // namespace gatehouse::seal
