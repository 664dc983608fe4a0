#include "libs/emrtd/access/cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "libs/base/check.h"
#include "libs/pki/openssl.h"

namespace gatehouse::emrtd::access {
namespace {

using CipherContext = pki::OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using MacContext = pki::OpensslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;

constexpr size_t kDesBlock = 8;
constexpr size_t kDesKey = 8;

struct CipherFacts {
  size_t block_bytes;
  size_t key_bytes;
  const char* openssl_name;
};
constexpr std::array<CipherFacts, 4> kFacts = {
    {{8, 16, "DES-EDE-CBC"}, {16, 16, "AES-128-CBC"}, {16, 24, "AES-192-CBC"}, {16, 32, "AES-256-CBC"}}};

const CipherFacts& FactsOf(Cipher cipher) { return kFacts[static_cast<size_t>(cipher)]; }

const EVP_CIPHER* OpensslCipher(Cipher cipher) {
  static const std::array<EVP_CIPHER*, 4> kFetched = {EVP_CIPHER_fetch(nullptr, kFacts[0].openssl_name, nullptr),
                                                      EVP_CIPHER_fetch(nullptr, kFacts[1].openssl_name, nullptr),
                                                      EVP_CIPHER_fetch(nullptr, kFacts[2].openssl_name, nullptr),
                                                      EVP_CIPHER_fetch(nullptr, kFacts[3].openssl_name, nullptr)};
  const EVP_CIPHER* fetched = kFetched[static_cast<size_t>(cipher)];
  GH_CHECK(fetched != nullptr);
  return fetched;
}

Octets RunCbc(Cipher cipher, Bytes key, Bytes iv, Bytes data, bool encrypt) {
  static constexpr std::array<uint8_t, 16> kZeros{};
  const size_t block = BlockBytes(cipher);
  GH_CHECK(key.size() == KeyBytes(cipher) && (iv.empty() || iv.size() == block) && data.size() % block == 0);
  const CipherContext context(EVP_CIPHER_CTX_new());
  Octets result(data.size());
  int done = 0;
  GH_CHECK(EVP_CipherInit_ex2(context.get(), OpensslCipher(cipher), key.data(), iv.empty() ? kZeros.data() : iv.data(),
                              encrypt ? 1 : 0, nullptr) == 1);
  GH_CHECK(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  GH_CHECK(EVP_CipherUpdate(context.get(), result.data(), &done, data.data(), static_cast<int>(data.size())) == 1);
  GH_CHECK(static_cast<size_t>(done) == data.size());
  return result;
}

// All blocks but the last in CBC with single DES under the first half of the key, the last one with 3DES. Single DES
// is 3DES with twice the same half; OpenSSL 3 has moved DES itself into its legacy provider.
Mac RetailMac(Bytes key, Bytes data) {
  const Octets padded = Pad(data, kDesBlock);
  const Bytes blocks = padded;
  const Octets single = Join({key.first(kDesKey), key.first(kDesKey)});
  const size_t head = padded.size() - kDesBlock;
  Octets chained;
  if (head > 0) {
    chained = EncryptCbc(Cipher::kTripleDes, single, {}, blocks.first(head));
    chained.erase(chained.begin(), chained.end() - kDesBlock);
  }
  const Octets last = EncryptCbc(Cipher::kTripleDes, key, chained, blocks.subspan(head));
  Mac mac{};
  std::copy(last.begin(), last.end(), mac.begin());
  return mac;
}

Mac CutCmac(Cipher cipher, Bytes key, Bytes data) {
  static EVP_MAC* const kCmac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
  GH_CHECK(kCmac != nullptr && key.size() == KeyBytes(cipher));
  const MacContext context(EVP_MAC_CTX_new(kCmac));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(FactsOf(cipher).openssl_name), 0),
      OSSL_PARAM_construct_end()};
  std::array<uint8_t, 16> whole{};
  size_t size = 0;
  GH_CHECK(EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1);
  GH_CHECK(EVP_MAC_update(context.get(), data.data(), data.size()) == 1);
  GH_CHECK(EVP_MAC_final(context.get(), whole.data(), &size, whole.size()) == 1 && size == whole.size());
  Mac mac{};
  std::copy(whole.begin(), whole.begin() + kMacBytes, mac.begin());
  return mac;
}

}  // namespace

size_t BlockBytes(Cipher cipher) { return FactsOf(cipher).block_bytes; }
size_t KeyBytes(Cipher cipher) { return FactsOf(cipher).key_bytes; }

Octets EncryptCbc(Cipher cipher, Bytes key, Bytes iv, Bytes data) { return RunCbc(cipher, key, iv, data, true); }
Octets DecryptCbc(Cipher cipher, Bytes key, Bytes iv, Bytes data) { return RunCbc(cipher, key, iv, data, false); }

Octets Pad(Bytes data, size_t block_bytes) {
  Octets padded = Copy(data);
  padded.push_back(0x80);
  padded.resize((padded.size() + block_bytes - 1) / block_bytes * block_bytes);
  return padded;
}

std::optional<size_t> UnpaddedSize(Bytes padded, size_t block_bytes) {
  if (padded.empty() || padded.size() % block_bytes != 0) return std::nullopt;
  for (size_t i = 1; i <= block_bytes; ++i) {
    const uint8_t octet = padded[padded.size() - i];
    if (octet == 0x80) return padded.size() - i;
    if (octet != 0) return std::nullopt;
  }
  return std::nullopt;
}

Mac ComputeMac(Cipher cipher, Bytes key, Bytes data) {
  return cipher == Cipher::kTripleDes ? RetailMac(key, data) : CutCmac(cipher, key, data);
}

bool EqualInConstantTime(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace gatehouse::emrtd::access
