#include "tools/specimen/active_authentication_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <memory>

#include "libs/base/check.h"

namespace gatehouse::specimen {
namespace {

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

const uint8_t* Data(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Data(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

std::string Digest(const EVP_MD* digest, std::string_view text) {
  std::string value(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  GH_CHECK(EVP_Digest(text.data(), text.size(), Data(value), &size, digest, nullptr) == 1);
  value.resize(size);
  return value;
}

// The identifier of ISO/IEC 10118-3, then CC.
std::string TrailerOf(const EVP_MD* digest) {
  switch (EVP_MD_get_type(digest)) {
    case NID_sha1:
      return "\x33\xCC";
    case NID_sha224:
      return "\x38\xCC";
    case NID_sha256:
      return "\x34\xCC";
    case NID_sha384:
      return "\x36\xCC";
    default:
      return "\x35\xCC";
  }
}

std::string HeaderOf(const RsaAnswerRequest& request) {
  if (request.padding_bytes == 0) return std::string(1, static_cast<char>(request.header));
  std::string header(1, static_cast<char>((request.header & 0xF0) | 0x0B));
  return header + std::string(static_cast<size_t>(request.padding_bytes - 1), '\xBB') + '\xBA';
}

void TakeSmaller(EVP_PKEY* key, std::string& signature) {
  BIGNUM* modulus = nullptr;
  GH_CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1);
  const Number n(modulus, BN_free);
  const Number s(BN_bin2bn(Data(signature), static_cast<int>(signature.size()), nullptr), BN_free);
  const Number other(BN_new(), BN_free);
  GH_CHECK(BN_sub(other.get(), n.get(), s.get()) == 1);
  if (BN_cmp(other.get(), s.get()) >= 0) return;
  BN_bn2binpad(other.get(), Data(signature), static_cast<int>(signature.size()));
}

std::string Sign(EVP_PKEY* key, bool rsa, std::string_view message) {
  const Context context(EVP_PKEY_CTX_new(key, nullptr), EVP_PKEY_CTX_free);
  GH_CHECK(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
  if (rsa) GH_CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1);
  size_t size = 0;
  GH_CHECK(EVP_PKEY_sign(context.get(), nullptr, &size, Data(message), message.size()) == 1);
  std::string signature(size, '\0');
  GH_CHECK(EVP_PKEY_sign(context.get(), Data(signature), &size, Data(message), message.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace

std::string AnswerByRsa(EVP_PKEY* key, const RsaAnswerRequest& request, std::string_view challenge,
                        base::Random& random) {
  const std::string header = HeaderOf(request);
  const std::string trailer = request.trailer.empty() ? TrailerOf(request.digest) : request.trailer;
  const size_t modulus_bytes = static_cast<size_t>(EVP_PKEY_get_bits(key)) / 8;
  std::string nonce(
      modulus_bytes - header.size() - static_cast<size_t>(EVP_MD_get_size(request.digest)) - trailer.size(), '\0');
  random.Fill(Data(nonce), nonce.size());
  const bool total_recovery = (request.header & 0x20) == 0;
  if (total_recovery) nonce.replace(nonce.size() - challenge.size(), challenge.size(), challenge);
  const std::string covered = total_recovery ? nonce : nonce + std::string(challenge);
  std::string signature = Sign(key, true, header + nonce + Digest(request.digest, covered) + trailer);
  if (request.smaller) TakeSmaller(key, signature);
  return signature;
}

std::string AnswerByEcdsa(EVP_PKEY* key, const EVP_MD* digest, EcdsaForm form, std::string_view challenge) {
  const std::string der = Sign(key, false, Digest(digest, challenge));
  if (form == EcdsaForm::kDer) return der;
  const uint8_t* in = Data(der);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
      d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())), ECDSA_SIG_free);
  GH_CHECK(parsed != nullptr);
  const int order_bytes = (EVP_PKEY_get_bits(key) + 7) / 8;
  std::string plain(static_cast<size_t>(2 * order_bytes), '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), Data(plain), order_bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), Data(plain) + order_bytes, order_bytes);
  return plain;
}

}  // namespace gatehouse::specimen
