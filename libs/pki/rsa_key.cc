// OpenSSL's RSA functions are used without the EVP layer above them, which 3.0 would rather have: EVP takes some 18 us
// to make a key and 4 us to begin a check, as long as the check of a 2048-bit signature itself
// (docs/decisions/0009-rsa-without-evp.md).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "libs/pki/rsa_key.h"

#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/openssl.h"

namespace gatehouse::pki {
namespace {

constexpr std::string_view kField = "RSA public key";
constexpr size_t kMaxExponentBytes = 33;  // FIPS 186-4: below 2^256

int DigestNid(Digest digest) {
  static constexpr std::array<int, 5> kNids = {NID_sha1, NID_sha224, NID_sha256, NID_sha384, NID_sha512};
  return kNids[static_cast<size_t>(digest)];
}

bool FitsPss(const SignatureAlgorithm& algorithm, Digest digest, const DigestValue& value, Bytes signature, RSA* key) {
  std::array<uint8_t, kMaxRsaBits / 8> encoded;
  const int size =
      RSA_public_decrypt(static_cast<int>(signature.size()), signature.data(), encoded.data(), key, RSA_NO_PADDING);
  return size == RSA_size(key) &&
         RSA_verify_PKCS1_PSS_mgf1(key, value.octets.data(), OpensslDigest(digest),
                                   OpensslDigest(algorithm.mask_digest), encoded.data(), algorithm.salt_bytes) == 1;
}

}  // namespace

absl::StatusOr<RsaKey> RsaKey::Parse(Bytes rsa_public_key) {
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(rsa_public_key, tag::kSequence, Rules::kDer, kField));
  TlvReader reader(sequence.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv modulus, reader.Expect(tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(const Tlv exponent, reader.Expect(tag::kInteger, kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  if (modulus.value.size() > kMaxRsaBits / 8 + 1 || exponent.value.empty() ||
      exponent.value.size() > kMaxExponentBytes || exponent.value[0] >= 0x80 || (exponent.value.back() & 1) == 0) {
    return Malformed(kField, "has a modulus or exponent out of bounds");
  }
  BigNumber n(BN_bin2bn(modulus.value.data(), static_cast<int>(modulus.value.size()), nullptr));
  BigNumber e(BN_bin2bn(exponent.value.data(), static_cast<int>(exponent.value.size()), nullptr));
  if (BN_num_bits(n.get()) < kMinRsaBits || BN_num_bits(n.get()) > kMaxRsaBits || !BN_is_odd(n.get()) ||
      BN_is_one(e.get())) {
    return Malformed(kField, "has a modulus or exponent out of bounds");
  }
  std::shared_ptr<rsa_st> key(RSA_new(), RSA_free);
  GH_CHECK(key != nullptr && RSA_set0_key(key.get(), n.get(), e.get(), nullptr) == 1);
  n.release();  // the key owns them now
  e.release();
  return RsaKey(std::move(key));
}

bool RsaKey::Fits(const SignatureAlgorithm& algorithm, Digest digest, const DigestValue& value, Bytes signature) const {
  // OpenSSL takes sizes as int, and a signature has the size of the modulus.
  if (signature.size() != static_cast<size_t>(RSA_size(key_.get()))) return false;
  const bool fits = algorithm.scheme == SignatureScheme::kRsaPss
                        ? FitsPss(algorithm, digest, value, signature, key_.get())
                        : RSA_verify(DigestNid(digest), value.octets.data(), static_cast<unsigned>(value.size_bytes),
                                     signature.data(), static_cast<unsigned>(signature.size()), key_.get()) == 1;
  if (!fits) ERR_clear_error();
  return fits;
}

absl::StatusOr<std::vector<uint8_t>> RsaKey::Power(Bytes signature) const {
  const BIGNUM* modulus = RSA_get0_n(key_.get());
  const int size = BN_num_bytes(modulus);
  if (signature.size() > static_cast<size_t>(size)) return Malformed("signature", "is longer than the modulus");
  const BigNumber s(BN_bin2bn(signature.data(), static_cast<int>(signature.size()), nullptr));
  if (BN_cmp(s.get(), modulus) >= 0) return Malformed("signature", "is not below the modulus");
  const BigNumber power(BN_new());
  const OpensslPtr<BN_CTX, BN_CTX_free> context(BN_CTX_new());
  GH_CHECK(BN_mod_exp(power.get(), s.get(), RSA_get0_e(key_.get()), modulus, context.get()) == 1);
  std::vector<uint8_t> octets(static_cast<size_t>(size));
  BN_bn2binpad(power.get(), octets.data(), size);
  return octets;
}

std::vector<uint8_t> RsaKey::Modulus() const {
  const BIGNUM* modulus = RSA_get0_n(key_.get());
  std::vector<uint8_t> octets(static_cast<size_t>(BN_num_bytes(modulus)));
  BN_bn2bin(modulus, octets.data());
  return octets;
}

int RsaKey::bits() const { return RSA_bits(key_.get()); }

}  // namespace gatehouse::pki
