#include "tools/specimen/cv_certificate_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <memory>

#include "libs/base/check.h"
#include "tools/specimen/active_authentication_maker.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::specimen {
namespace {

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string Octets(const BIGNUM* number, int size) {
  std::string octets(static_cast<size_t>(size), '\0');
  GH_CHECK(BN_bn2binpad(number, reinterpret_cast<uint8_t*>(octets.data()), size) == size);
  return octets;
}

std::string KeyNumber(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  GH_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const Number owned(number, BN_free);
  return Octets(number, BN_num_bytes(number));
}

std::string CurvePoint(const EVP_PKEY* key) {
  size_t size = 0;
  GH_CHECK(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size) == 1);
  std::string point(size, '\0');
  GH_CHECK(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, reinterpret_cast<uint8_t*>(point.data()), size,
                                           &size) == 1);
  return point;
}

// Data objects 81 to 85 and 87 of the key's curve around its point, 86.
std::string WithDomainParameters(const EVP_PKEY* key, const std::string& point) {
  char name[64];
  GH_CHECK(EVP_PKEY_get_group_name(key, name, sizeof name, nullptr) == 1);
  const Group group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(name)), EC_GROUP_free);
  GH_CHECK(group != nullptr);
  const Number p(BN_new(), BN_free), a(BN_new(), BN_free), b(BN_new(), BN_free);
  GH_CHECK(EC_GROUP_get_curve(group.get(), p.get(), a.get(), b.get(), nullptr) == 1);
  const int size = BN_num_bytes(p.get());
  std::string generator(static_cast<size_t>(1 + 2 * size), '\0');
  GH_CHECK(EC_POINT_point2oct(group.get(), EC_GROUP_get0_generator(group.get()), POINT_CONVERSION_UNCOMPRESSED,
                              reinterpret_cast<uint8_t*>(generator.data()), generator.size(), nullptr) > 0);
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  return Tlv(0x81, Octets(p.get(), size)) + Tlv(0x82, Octets(a.get(), size)) + Tlv(0x83, Octets(b.get(), size)) +
         Tlv(0x84, generator) + Tlv(0x85, Octets(order, BN_num_bytes(order))) + Tlv(0x86, point) +
         Tlv(0x87, std::string(1, '\x01'));
}

std::string PublicKeyObject(const CvCertificateRequest& request) {
  std::string body = DerOid(request.algorithm);
  if (EVP_PKEY_is_a(request.key, "RSA")) {
    body += Tlv(0x81, KeyNumber(request.key, OSSL_PKEY_PARAM_RSA_N));
    body += Tlv(0x82, KeyNumber(request.key, OSSL_PKEY_PARAM_RSA_E));
  } else {
    const std::string point = CurvePoint(request.key);
    body += request.domain_parameters ? WithDomainParameters(request.key, point) : Tlv(0x86, point);
  }
  return Tlv(0x7F49, body);
}

std::string Day(absl::CivilDay day) {
  const int numbers[] = {static_cast<int>(day.year() % 100), day.month(), day.day()};
  std::string digits;
  for (const int number : numbers) {
    digits += static_cast<char>(number / 10);
    digits += static_cast<char>(number % 10);
  }
  return digits;
}

std::string Extensions(const CvCertificateRequest& request) {
  return request.extensions.empty() ? "" : Tlv(0x65, request.extensions);
}

// The last arc of an id-TA algorithm and whether it is of ECDSA.
struct Algorithm {
  bool ecdsa = false, pss = false;
  const EVP_MD* digest = nullptr;
};
Algorithm AlgorithmOf(std::string_view dotted) {
  const bool ecdsa = dotted[dotted.size() - 3] == '2';
  const int last = dotted.back() - '0';
  if (ecdsa) {
    const EVP_MD* digests[] = {EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
    GH_CHECK(last >= 1 && last <= 5);
    return {.ecdsa = true, .digest = digests[last - 1]};
  }
  const EVP_MD* digests[] = {EVP_sha1(), EVP_sha256(), EVP_sha1(), EVP_sha256(), EVP_sha512(), EVP_sha512()};
  GH_CHECK(last >= 1 && last <= 6);
  return {.pss = last == 3 || last == 4 || last == 6, .digest = digests[last - 1]};
}

}  // namespace

std::string SignAsTerminal(const CvIssuer& issuer, std::string_view message) {
  const Algorithm algorithm = AlgorithmOf(issuer.algorithm);
  if (algorithm.ecdsa) return AnswerByEcdsa(issuer.key, algorithm.digest, EcdsaForm::kPlain, message);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* padding = nullptr;
  GH_CHECK(EVP_DigestSignInit(context.get(), &padding, algorithm.digest, nullptr, issuer.key) == 1);
  if (algorithm.pss) {
    GH_CHECK(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  const auto* data = reinterpret_cast<const uint8_t*>(message.data());
  size_t size = 0;
  GH_CHECK(EVP_DigestSign(context.get(), nullptr, &size, data, message.size()) == 1);
  std::string signature(size, '\0');
  GH_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(signature.data()), &size, data, message.size()) ==
           1);
  return signature;
}

std::string MakeCvCertificate(const CvCertificateRequest& request, const CvIssuer& issuer) {
  std::string rights(1, static_cast<char>(request.rights));
  const std::string body =
      Tlv(0x7F4E, Tlv(0x5F29, std::string(1, '\0')) + Tlv(0x42, request.authority) + PublicKeyObject(request) +
                      Tlv(0x5F20, request.holder) + Tlv(0x7F4C, DerOid(request.type) + Tlv(0x53, rights)) +
                      Tlv(0x5F25, Day(request.effective)) + Tlv(0x5F24, Day(request.expiration)) + Extensions(request));
  return Tlv(0x7F21, body + Tlv(0x5F37, SignAsTerminal(issuer, body)));
}

std::string MakeCvRequest(const CvCertificateRequest& request, const CvIssuer* outer) {
  const std::string body =
      Tlv(0x7F4E, Tlv(0x5F29, std::string(1, '\0')) + Tlv(0x42, request.authority) + PublicKeyObject(request) +
                      Tlv(0x5F20, request.holder) + Extensions(request));
  const std::string inner = Tlv(0x7F21, body + Tlv(0x5F37, SignAsTerminal({request.key, request.algorithm}, body)));
  if (outer == nullptr) return inner;
  const std::string covered = inner + Tlv(0x42, request.authority);
  return Tlv(0x67, covered + Tlv(0x5F37, SignAsTerminal(*outer, covered)));
}

}  // namespace gatehouse::specimen
