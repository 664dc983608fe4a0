// The chip's answer to the challenge of Active Authentication (Doc 9303-11 section 6.1), also in forms that a verifier
// must refuse.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "libs/base/random.h"

namespace gatehouse::specimen {

// ISO/IEC 9796-2 scheme 1 with an RSA key: a nonce of the chip fills what digest and trailer leave of the modulus.
struct RsaAnswerRequest {
  const EVP_MD* digest = EVP_sha256();
  std::string trailer;  // that of the digest when empty: 33CC, 38CC, 34CC, 36CC, 35CC
  // 6A. 4A claims total recovery: then the nonce ends in the challenge and the digest covers the nonce alone.
  uint8_t header = 0x6A;
  int padding_bytes = 0;  // octets of B.. A that shorten the nonce
  bool smaller = false;   // the smaller of s and n - s
};
std::string AnswerByRsa(EVP_PKEY* key, const RsaAnswerRequest& request, std::string_view challenge,
                        base::Random& random);

// ECDSA: r and s each as long as the order of the curve, or as a SEQUENCE.
enum class EcdsaForm { kPlain, kDer };
std::string AnswerByEcdsa(EVP_PKEY* key, const EVP_MD* digest, EcdsaForm form, std::string_view challenge);

}  // namespace gatehouse::specimen
