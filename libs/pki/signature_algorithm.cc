#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"
#include "libs/pki/pss_parameters.h"
#include "libs/pki/signature.h"

namespace gatehouse::pki {
namespace {

struct NamedAlgorithm {
  Oid oid;
  SignatureScheme scheme;
  std::optional<Digest> digest;
};
constexpr std::array<NamedAlgorithm, 17> kAlgorithms = {{
    {oid::kSha256WithRsa, SignatureScheme::kRsaPkcs1, Digest::kSha256},
    {oid::kSha1WithRsa, SignatureScheme::kRsaPkcs1, Digest::kSha1},
    {oid::kSha224WithRsa, SignatureScheme::kRsaPkcs1, Digest::kSha224},
    {oid::kSha384WithRsa, SignatureScheme::kRsaPkcs1, Digest::kSha384},
    {oid::kSha512WithRsa, SignatureScheme::kRsaPkcs1, Digest::kSha512},
    {oid::kRsaEncryption, SignatureScheme::kRsaPkcs1, std::nullopt},
    {oid::kEcdsaWithSha256, SignatureScheme::kEcdsa, Digest::kSha256},
    {oid::kEcdsaWithSha1, SignatureScheme::kEcdsa, Digest::kSha1},
    {oid::kEcdsaWithSha224, SignatureScheme::kEcdsa, Digest::kSha224},
    {oid::kEcdsaWithSha384, SignatureScheme::kEcdsa, Digest::kSha384},
    {oid::kEcdsaWithSha512, SignatureScheme::kEcdsa, Digest::kSha512},
    {oid::kEcPublicKey, SignatureScheme::kEcdsa, std::nullopt},
    {oid::kEcdsaPlainSha1, SignatureScheme::kEcdsaPlain, Digest::kSha1},
    {oid::kEcdsaPlainSha224, SignatureScheme::kEcdsaPlain, Digest::kSha224},
    {oid::kEcdsaPlainSha256, SignatureScheme::kEcdsaPlain, Digest::kSha256},
    {oid::kEcdsaPlainSha384, SignatureScheme::kEcdsaPlain, Digest::kSha384},
    {oid::kEcdsaPlainSha512, SignatureScheme::kEcdsaPlain, Digest::kSha512},
}};

// MaskGenAlgorithm ::= AlgorithmIdentifier { id-mgf1, digest }
absl::StatusOr<Digest> ReadMaskDigest(Bytes explicit_value, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv mask, ReadOnly(explicit_value, tag::kSequence, Rules::kDer, field));
  TlvReader reader(mask.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv oid, reader.Expect(tag::kOid, field));
  if (!(oid::kMgf1 == oid.value)) return Malformed(field, "has a mask generation function that is not MGF1");
  GH_ASSIGN_OR_RETURN(const Tlv digest, reader.Expect(tag::kSequence, field));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  return ReadDigestAlgorithm(digest, field);
}

absl::StatusOr<int> ReadExplicitInteger(Bytes explicit_value, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv number, ReadOnly(explicit_value, tag::kInteger, Rules::kDer, field));
  return ReadSmallInteger(number, field);
}

}  // namespace

// RSASSA-PSS-params ::= SEQUENCE { [0] digest, [1] mask, [2] salt, [3] trailer }, each with a default.
absl::StatusOr<SignatureAlgorithm> ReadPssParameters(TlvReader parent, std::string_view field) {
  SignatureAlgorithm algorithm{.scheme = SignatureScheme::kRsaPss, .digest = Digest::kSha1};
  if (parent.at_end()) return algorithm;
  GH_ASSIGN_OR_RETURN(const Tlv parameters, parent.Expect(tag::kSequence, field));
  GH_RETURN_IF_ERROR(parent.ExpectEnd(field));
  TlvReader reader(parameters.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const auto digest, reader.Optional(tag::kContext0, field));
  if (digest) {
    GH_ASSIGN_OR_RETURN(const Tlv identifier, ReadOnly(digest->value, tag::kSequence, Rules::kDer, field));
    GH_ASSIGN_OR_RETURN(algorithm.digest, ReadDigestAlgorithm(identifier, field));
  }
  GH_ASSIGN_OR_RETURN(const auto mask, reader.Optional(tag::kContext1, field));
  if (mask) {
    GH_ASSIGN_OR_RETURN(algorithm.mask_digest, ReadMaskDigest(mask->value, field));
  }
  GH_ASSIGN_OR_RETURN(const auto salt, reader.Optional(tag::kContext2, field));
  if (salt) {
    GH_ASSIGN_OR_RETURN(algorithm.salt_bytes, ReadExplicitInteger(salt->value, field));
    if (algorithm.salt_bytes > kMaxRsaBits / 8) return Malformed(field, "has a salt longer than any key");
  }
  GH_ASSIGN_OR_RETURN(const auto trailer, reader.Optional(tag::kContext3, field));
  if (trailer) {
    GH_ASSIGN_OR_RETURN(const int number, ReadExplicitInteger(trailer->value, field));
    if (number != 1) return Malformed(field, "has an unknown trailer field");
  }
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  return algorithm;
}

absl::StatusOr<SignatureAlgorithm> ReadSignatureAlgorithm(const Tlv& algorithm_identifier, std::string_view field) {
  TlvReader reader(algorithm_identifier.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv oid, reader.Expect(tag::kOid, field));
  if (oid::kRsassaPss == oid.value) return ReadPssParameters(reader, field);
  for (const NamedAlgorithm& named : kAlgorithms) {
    if (!(named.oid == oid.value)) continue;
    const bool is_rsa = named.scheme == SignatureScheme::kRsaPkcs1;
    // RFC 5758 wants no parameters with ECDSA; NULL and, with a bare id-ecPublicKey, the curve occur.
    if (!reader.at_end() && (is_rsa || named.digest)) {
      GH_ASSIGN_OR_RETURN(const Tlv null, reader.Expect(tag::kNull, field));
      if (!null.value.empty()) return Malformed(field, "has a NULL with contents");
      GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
    }
    return SignatureAlgorithm{.scheme = named.scheme, .digest = named.digest};
  }
  return Malformed(field, "is no signature algorithm we accept: " + OidText(oid.value));
}

std::string Describe(const SignatureAlgorithm& algorithm) {
  static constexpr std::array<const char*, 4> kNames = {"RSASSA-PKCS1-v1_5", "RSASSA-PSS", "ECDSA", "ECDSA plain"};
  std::string text = kNames[static_cast<size_t>(algorithm.scheme)];
  if (algorithm.digest) absl::StrAppend(&text, " ", std::string(DigestName(*algorithm.digest)));
  if (algorithm.scheme == SignatureScheme::kRsaPss) {
    absl::StrAppend(&text, " MGF1-", std::string(DigestName(algorithm.mask_digest)), " salt ", algorithm.salt_bytes);
  }
  return text;
}

}  // namespace gatehouse::pki
