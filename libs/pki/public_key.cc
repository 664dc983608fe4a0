#include "libs/pki/signature.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <vector>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/curve_parameters.h"
#include "libs/pki/openssl.h"
#include "libs/pki/pss_parameters.h"
#include "libs/pki/rsa_key.h"

namespace gatehouse::pki {
namespace {

// r||s of equal halves to the SEQUENCE that libcrypto reads.
absl::StatusOr<std::vector<uint8_t>> PlainToDer(Bytes plain) {
  if (plain.empty() || plain.size() % 2 != 0 || plain.size() > 256) {
    return Malformed("signature", "is not two numbers of equal size");
  }
  const size_t half = plain.size() / 2;
  const OpensslPtr<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(plain.data(), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(plain.data() + half, static_cast<int>(half), nullptr);
  GH_CHECK(ECDSA_SIG_set0(signature.get(), r, s) == 1);
  std::vector<uint8_t> der(static_cast<size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
  uint8_t* out = der.data();
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

using ParameterBuilder = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;

// Always by the curve's name, so that a key with explicit parameters runs on the same fast code as a named one.
absl::StatusOr<KeyPtr> MakeEcKey(const Curve& curve, Bytes point) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name.c_str(), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  GH_CHECK(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return Malformed("public key", "is refused by the cryptographic library");
  }
  return KeyPtr(key);
}

bool FitsEcdsa(EVP_PKEY* key, SignatureScheme scheme, const DigestValue& value, Bytes signature) {
  std::vector<uint8_t> der;
  if (scheme == SignatureScheme::kEcdsaPlain) {
    absl::StatusOr<std::vector<uint8_t>> converted = PlainToDer(signature);
    if (!converted.ok()) return false;
    der = *std::move(converted);
    signature = der;
  }
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  GH_CHECK(context != nullptr);
  const bool fits =
      EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), value.octets.data(), value.size_bytes) == 1;
  if (!fits) ERR_clear_error();
  return fits;
}

}  // namespace

struct PublicKey::Impl {
  std::optional<RsaKey> rsa;
  KeyPtr elliptic;  // where it is not RSA
  std::string curve;
  bool explicit_parameters = false;
  // A key of type id-RSASSA-PSS may bind itself to parameters (RFC 4055 section 3.3).
  bool pss_only = false;
  std::optional<SignatureAlgorithm> pss_binding;
};

PublicKey::PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<PublicKey> PublicKey::Parse(Bytes subject_public_key_info) {
  constexpr std::string_view kField = "subjectPublicKeyInfo";
  GH_ASSIGN_OR_RETURN(const Tlv info, ReadOnly(subject_public_key_info, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(info.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(const Tlv bits, reader.Expect(tag::kBitString, kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  GH_ASSIGN_OR_RETURN(const Bytes octets, ReadBitStringOctets(bits, kField));

  auto impl = std::make_shared<Impl>();
  TlvReader identifier(algorithm.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv oid, identifier.Expect(tag::kOid, kField));
  if (oid::kEcPublicKey == oid.value) {
    GH_ASSIGN_OR_RETURN(const Tlv parameters, identifier.Next("curve"));
    GH_RETURN_IF_ERROR(identifier.ExpectEnd("curve"));
    GH_ASSIGN_OR_RETURN(const Curve curve, ReadCurve(parameters));
    GH_ASSIGN_OR_RETURN(impl->elliptic, MakeEcKey(curve, octets));
    impl->curve = curve.name;
    impl->explicit_parameters = curve.explicit_parameters;
  } else if (oid::kRsaEncryption == oid.value || oid::kRsassaPss == oid.value) {
    impl->pss_only = oid::kRsassaPss == oid.value;
    if (impl->pss_only && !identifier.at_end()) {
      GH_ASSIGN_OR_RETURN(impl->pss_binding, ReadPssParameters(identifier, kField));
    }
    GH_ASSIGN_OR_RETURN(impl->rsa, RsaKey::Parse(octets));
  } else {
    return Malformed(kField, "is of a type we do not accept: " + OidText(oid.value));
  }
  return PublicKey(std::move(impl));
}

std::vector<PublicKey> PublicKey::OnOtherCurves(Bytes subject_public_key_info) {
  constexpr std::string_view kField = "subjectPublicKeyInfo";
  const absl::StatusOr<Tlv> info = ReadOnly(subject_public_key_info, tag::kSequence, Rules::kDer, kField);
  if (!info.ok()) return {};
  TlvReader reader(info->value, Rules::kDer);
  const absl::StatusOr<Tlv> algorithm = reader.Expect(tag::kSequence, kField);
  const absl::StatusOr<Tlv> bits = reader.Expect(tag::kBitString, kField);
  if (!algorithm.ok() || !bits.ok()) return {};
  TlvReader identifier(algorithm->value, Rules::kDer);
  const absl::StatusOr<Tlv> oid = identifier.Expect(tag::kOid, kField);
  const absl::StatusOr<Tlv> parameters = identifier.Next("curve");
  const absl::StatusOr<Bytes> point = ReadBitStringOctets(*bits, kField);
  if (!oid.ok() || !(oid::kEcPublicKey == oid->value) || !parameters.ok() || !point.ok()) return {};
  const absl::StatusOr<Curve> named = ReadCurve(*parameters);
  if (!named.ok()) return {};
  std::vector<PublicKey> keys;
  for (const Curve& curve : OtherCurvesOfSize(*named)) {
    absl::StatusOr<KeyPtr> key = MakeEcKey(curve, *point);
    if (!key.ok()) continue;
    auto impl = std::make_shared<Impl>();
    impl->elliptic = *std::move(key);
    impl->curve = curve.name;
    impl->explicit_parameters = curve.explicit_parameters;
    keys.push_back(PublicKey(std::move(impl)));
  }
  return keys;
}

absl::Status PublicKey::Verify(const SignatureAlgorithm& algorithm, Digest digest, const DigestValue& digest_value,
                               Bytes signature) const {
  const bool rsa_scheme =
      algorithm.scheme == SignatureScheme::kRsaPkcs1 || algorithm.scheme == SignatureScheme::kRsaPss;
  if (rsa_scheme != is_rsa()) return Malformed("signature", "algorithm and key are of different kinds");
  if (impl_->pss_only && algorithm.scheme != SignatureScheme::kRsaPss) {
    return Malformed("signature", "key is for RSASSA-PSS only");
  }
  if (impl_->pss_binding &&
      (impl_->pss_binding->digest != algorithm.digest || impl_->pss_binding->mask_digest != algorithm.mask_digest ||
       algorithm.salt_bytes < impl_->pss_binding->salt_bytes)) {
    return Malformed("signature", "key is bound to other RSASSA-PSS parameters");
  }
  const bool fits = rsa_scheme ? impl_->rsa->Fits(algorithm, digest, digest_value, signature)
                               : FitsEcdsa(impl_->elliptic.get(), algorithm.scheme, digest_value, signature);
  if (fits) return absl::OkStatus();
  return absl::UnauthenticatedError("the signature does not fit the key");
}

absl::Status PublicKey::VerifyData(const SignatureAlgorithm& algorithm, Bytes data, Bytes signature) const {
  if (!algorithm.digest) return Malformed("signatureAlgorithm", "names no digest");
  return Verify(algorithm, *algorithm.digest, ComputeDigest(*algorithm.digest, data), signature);
}

absl::StatusOr<std::vector<uint8_t>> PublicKey::RsaPower(Bytes signature) const {
  GH_CHECK(is_rsa());
  return impl_->rsa->Power(signature);
}

std::vector<uint8_t> PublicKey::RsaModulus() const {
  GH_CHECK(is_rsa());
  return impl_->rsa->Modulus();
}

bool PublicKey::is_rsa() const { return impl_->rsa.has_value(); }
int PublicKey::bits() const { return is_rsa() ? impl_->rsa->bits() : EVP_PKEY_get_bits(impl_->elliptic.get()); }
const std::string& PublicKey::curve() const { return impl_->curve; }
bool PublicKey::explicit_parameters() const { return impl_->explicit_parameters; }

}  // namespace gatehouse::pki
