#include "libs/pki/specimen_for_tests.h"

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

#include "libs/base/check.h"
#include "libs/pki/openssl.h"

namespace gatehouse::pki::specimen {
namespace {

std::string Text(Bytes bytes) { return std::string(AsText(bytes)); }

std::string Join(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) joined += part;
  return joined;
}

const Oid& OidOf(Digest digest) {
  static constexpr Oid kOids[] = {oid::kSha1, oid::kSha224, oid::kSha256, oid::kSha384, oid::kSha512};
  return kOids[static_cast<size_t>(digest)];
}

const Oid& OidOf(const SignatureAlgorithm& algorithm) {
  static constexpr Oid kRsa[] = {oid::kSha1WithRsa, oid::kSha224WithRsa, oid::kSha256WithRsa, oid::kSha384WithRsa,
                                 oid::kSha512WithRsa};
  static constexpr Oid kEc[] = {oid::kEcdsaWithSha1, oid::kEcdsaWithSha224, oid::kEcdsaWithSha256,
                                oid::kEcdsaWithSha384, oid::kEcdsaWithSha512};
  const bool rsa = algorithm.scheme == SignatureScheme::kRsaPkcs1;
  if (!algorithm.digest) return rsa ? oid::kRsaEncryption : oid::kEcPublicKey;
  return (rsa ? kRsa : kEc)[static_cast<size_t>(*algorithm.digest)];
}

std::string PublicKeyInfo(EVP_PKEY* key) {
  uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  GH_CHECK(size > 0);
  const std::string info = Text({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  return info;
}

// Swaps the named curve of an EC SubjectPublicKeyInfo for its numbers.
std::string WithExplicitParameters(const std::string& curve, std::string_view info) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(OBJ_txt2nid(curve.c_str())));
  uint8_t* der = nullptr;
  EC_GROUP_set_asn1_flag(group.get(), OPENSSL_EC_EXPLICIT_CURVE);
  const int size = i2d_ECPKParameters(group.get(), &der);
  GH_CHECK(size > 0);
  const std::string numbers = Text({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  TlvReader outer(AsBytes(info), Rules::kDer);
  TlvReader parts(outer.Next("info")->value, Rules::kDer);
  GH_CHECK(parts.Next("algorithm").ok());
  const std::string bits = Text(parts.Next("bits")->encoding);
  return Sequence({Sequence({ObjectId(oid::kEcPublicKey), numbers}), bits});
}

std::string DigestText(Digest digest, std::string_view data) {
  return Text(ComputeDigest(digest, AsBytes(data)).bytes());
}

}  // namespace

std::string Element(uint8_t tag, std::string_view value) {
  std::string element(1, static_cast<char>(tag));
  if (value.size() < 0x80) {
    element += static_cast<char>(value.size());
  } else {
    int count = 1;
    while (value.size() >> (8 * count) != 0) ++count;
    element += static_cast<char>(0x80 | count);
    for (int i = count - 1; i >= 0; --i) element += static_cast<char>(value.size() >> (8 * i));
  }
  return element.append(value);
}

std::string Sequence(const std::vector<std::string>& parts) { return Element(0x30, Join(parts)); }

std::string Set(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end(), [](const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<uint8_t>(x) < static_cast<uint8_t>(y);
    });
  });
  return Element(0x31, Join(parts));
}

std::string ObjectId(const Oid& oid) { return Element(0x06, AsText(oid.bytes())); }

std::string Integer(int value) {
  std::string octets;
  do {
    octets.insert(octets.begin(), static_cast<char>(value & 0xFF));
    value >>= 8;
  } while (value != 0);
  if (octets[0] & 0x80) octets.insert(octets.begin(), 0);
  return Element(0x02, octets);
}

std::string Octets(std::string_view value) { return Element(0x04, value); }
std::string UtcTime(std::string_view time) {
  constexpr size_t kGeneralizedSize = 15;
  return Element(time.size() == kGeneralizedSize ? 0x18 : 0x17, time);
}

std::string Name(std::string_view country, std::string_view common_name, uint8_t string_tag) {
  static constexpr Oid kCommonName = "2.5.4.3";
  return Sequence({Set({Sequence({ObjectId(oid::kCountryName), Element(0x13, country)})}),
                   Set({Sequence({ObjectId(kCommonName), Element(string_tag, common_name)})})});
}

std::string DigestAlgorithm(Digest digest) { return Sequence({ObjectId(OidOf(digest)), Element(0x05, "")}); }

std::string AlgorithmIdentifier(const SignatureAlgorithm& algorithm) {
  if (algorithm.scheme == SignatureScheme::kRsaPss) {
    const std::string mask = Sequence({ObjectId(oid::kMgf1), DigestAlgorithm(algorithm.mask_digest)});
    return Sequence(
        {ObjectId(oid::kRsassaPss), Sequence({Element(0xA0, DigestAlgorithm(*algorithm.digest)), Element(0xA1, mask),
                                              Element(0xA2, Integer(algorithm.salt_bytes))})});
  }
  if (algorithm.scheme == SignatureScheme::kRsaPkcs1) return Sequence({ObjectId(OidOf(algorithm)), Element(0x05, "")});
  return Sequence({ObjectId(OidOf(algorithm))});
}

Key::Key(const std::string& kind, bool explicit_parameters)
    : pkey_(kind.starts_with("RSA:") ? EVP_RSA_gen(static_cast<unsigned>(std::stoi(kind.substr(4))))
                                     : EVP_EC_gen(kind.c_str()),
            EVP_PKEY_free) {
  GH_CHECK(pkey_ != nullptr);
  info = PublicKeyInfo(pkey_.get());
  if (explicit_parameters) info = WithExplicitParameters(kind, info);
}

std::string Key::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  GH_CHECK(PEM_write_bio_PrivateKey(bio.get(), pkey(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Key::Sign(const SignatureAlgorithm& algorithm, std::string_view data, Digest bare_digest) const {
  const Digest digest = algorithm.digest.value_or(bare_digest);
  const OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  GH_CHECK(EVP_DigestSignInit(context.get(), &settings, OpensslDigest(digest), nullptr, pkey_.get()) == 1);
  if (algorithm.scheme == SignatureScheme::kRsaPss) {
    GH_CHECK(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1);
    GH_CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, algorithm.salt_bytes) == 1);
    GH_CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(settings, OpensslDigest(algorithm.mask_digest)) == 1);
  }
  std::string signature(1024, '\0');
  size_t size = signature.size();
  GH_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(signature.data()), &size, AsBytes(data).data(),
                          data.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string Key::Sign(const SignatureAlgorithm& algorithm, std::string_view data) const {
  return Sign(algorithm, data, Digest::kSha256);
}

SignatureAlgorithm DefaultAlgorithm(const std::string& kind) {
  const bool rsa = kind.starts_with("RSA:");
  return {.scheme = rsa ? SignatureScheme::kRsaPkcs1 : SignatureScheme::kEcdsa, .digest = Digest::kSha256};
}

std::string Extension(const Oid& oid, bool critical, std::string_view value) {
  return Sequence({ObjectId(oid), critical ? Element(0x01, "\xFF") : "", Octets(value)});
}

std::string MakeCertificate(const CertificateRequest& request, const Key& issuer_key) {
  std::vector<std::string> extensions = request.further_extensions;
  if (request.key_usage) {
    const std::string bits = {1, static_cast<char>(*request.key_usage)};
    extensions.push_back(Extension(oid::kKeyUsage, true, Element(0x03, bits)));
  }
  if (request.authority) {
    extensions.push_back(
        Extension(oid::kBasicConstraints, true, Sequence({*request.authority ? Element(0x01, "\xFF") : ""})));
  }
  if (!request.subject_key_identifier.empty()) {
    extensions.push_back(Extension(oid::kSubjectKeyIdentifier, false, Octets(request.subject_key_identifier)));
  }
  if (!request.authority_key_identifier.empty()) {
    extensions.push_back(
        Extension(oid::kAuthorityKeyIdentifier, false, Sequence({Element(0x80, request.authority_key_identifier)})));
  }
  const std::string algorithm = AlgorithmIdentifier(request.algorithm);
  const std::string to_be_signed =
      Sequence({Element(0xA0, Integer(2)), Integer(request.serial), algorithm, request.issuer,
                Sequence({UtcTime(request.not_before), UtcTime(request.not_after)}), request.subject, request.key_info,
                Element(0xA3, Sequence(extensions))});
  const std::string signature = std::string(1, '\0') + issuer_key.Sign(request.algorithm, to_be_signed);
  return Sequence({to_be_signed, algorithm, Element(0x03, signature)});
}

std::string MakeCrl(const CrlRequest& request, const Key& issuer_key) {
  std::vector<std::string> revoked;
  for (const int serial : request.serials) {
    const std::string& further = revoked.empty() ? request.entry_extensions : std::string();
    revoked.push_back(
        Sequence({Integer(serial), UtcTime(request.revoked_at), further.empty() ? "" : Sequence({further})}));
  }
  const std::string algorithm = AlgorithmIdentifier(request.algorithm);
  const std::string to_be_signed =
      Sequence({Integer(1), algorithm, request.issuer, UtcTime(request.this_update), UtcTime(request.next_update),
                revoked.empty() ? "" : Sequence(revoked),
                request.extensions.empty() ? "" : Element(0xA0, Sequence(request.extensions))});
  const std::string signature = std::string(1, '\0') + issuer_key.Sign(request.algorithm, to_be_signed);
  return Sequence({to_be_signed, algorithm, Element(0x03, signature)});
}

std::string IssuerAndSerial(std::string_view issuer, int serial) {
  return Sequence({std::string(issuer), Integer(serial)});
}

std::string MakeSignedData(const SignedDataRequest& request, const Key& key) {
  using Order = SignedDataRequest::Order;
  std::vector<std::string> attributes = {
      Sequence({ObjectId(oid::kMessageDigest), Set({Octets(DigestText(request.digest, request.content))})}),
      Sequence({ObjectId(oid::kContentType), Set({Element(0x06, request.content_type)})})};
  if (request.signing_time) {
    attributes.push_back(Sequence({ObjectId(oid::kSigningTime), Set({UtcTime(*request.signing_time)})}));
  }
  const std::string sorted = Set(attributes);
  const std::string unsorted = Element(0x31, Join(attributes));
  std::string stored = request.order == Order::kSorted ? sorted : unsorted;
  const std::string& covered = !request.with_attributes                       ? request.content
                               : request.order == Order::kUnsortedAndSignedSo ? unsorted
                                                                              : sorted;
  const std::string signature = key.Sign(request.algorithm, covered, request.digest);
  stored[0] = static_cast<char>(0xA0);
  const std::string signer = Sequence(
      {Integer(request.signer_version), request.signer_identifier, DigestAlgorithm(request.digest),
       request.with_attributes ? stored : "",
       request.algorithm_identifier.empty() ? AlgorithmIdentifier(request.algorithm) : request.algorithm_identifier,
       Octets(signature)});
  const std::vector<std::string> signers(static_cast<size_t>(request.signers), signer);
  const std::string certificates = request.certificates.empty() ? "" : Element(0xA0, Join(request.certificates));
  const std::string content = Sequence({Element(0x06, request.content_type), Element(0xA0, Octets(request.content))});
  return Sequence({ObjectId(oid::kSignedData),
                   Element(0xA0, Sequence({Integer(request.version), Set({DigestAlgorithm(request.digest)}), content,
                                           certificates, Element(0x31, Join(signers))}))});
}

}  // namespace gatehouse::pki::specimen
