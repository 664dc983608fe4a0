#include "libs/pki/signature.h"

#include <gtest/gtest.h>

#include "libs/pki/oid.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using specimen::Key;

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(PublicKeyTest, TakesExplicitParametersOfKnownCurves) {
  const Key key("brainpoolP256r1", /*explicit_parameters=*/true);
  const auto parsed = PublicKey::Parse(AsBytes(key.info));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->curve(), "brainpoolP256r1");
  EXPECT_TRUE(parsed->explicit_parameters());
  const SignatureAlgorithm algorithm{.scheme = SignatureScheme::kEcdsa, .digest = Digest::kSha256};
  const std::string signature = key.Sign(algorithm, "data");
  EXPECT_TRUE(parsed->VerifyData(algorithm, AsBytes("data"), AsBytes(signature)).ok());
  EXPECT_FALSE(parsed->VerifyData(algorithm, AsBytes("Data"), AsBytes(signature)).ok());
}

// CVE-2020-0601: whoever names the generator can make any public key his own.
TEST(PublicKeyTest, RefusesTwistedParameters) {
  const Key key("prime256v1", /*explicit_parameters=*/true);
  ASSERT_TRUE(PublicKey::Parse(AsBytes(key.info)).ok());
  const std::string generator = "\x6B\x17\xD1\xF2\xE1\x2C\x42\x47";
  const std::string coefficient = "\x5A\xC6\x35\xD8\xAA\x3A\x93\xE7";
  const std::string order = "\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84";
  for (const std::string& number : {generator, coefficient, order}) {
    std::string other = number;
    other.back() ^= 1;
    EXPECT_FALSE(PublicKey::Parse(AsBytes(Replaced(key.info, number, other))).ok()) << ToHex(AsBytes(number));
  }
}

TEST(PublicKeyTest, RefusesAPointOffItsCurveAndAnUnknownCurve) {
  std::string info = Key("prime256v1").info;
  info.back() ^= 1;
  EXPECT_FALSE(PublicKey::Parse(AsBytes(info)).ok());
  EXPECT_FALSE(PublicKey::Parse(AsBytes(Key("secp256k1").info)).ok());
}

TEST(PublicKeyTest, RefusesAnRsaKeyOutOfBounds) {
  EXPECT_TRUE(PublicKey::Parse(AsBytes(Key("RSA:1024").info)).ok());
  EXPECT_FALSE(PublicKey::Parse(AsBytes(Key("RSA:768").info)).ok());
}

TEST(PublicKeyTest, AlgorithmAndKeyMustGoTogether) {
  const auto key = PublicKey::Parse(AsBytes(Key("prime256v1").info));
  const SignatureAlgorithm rsa{.scheme = SignatureScheme::kRsaPkcs1, .digest = Digest::kSha256};
  EXPECT_EQ(key->VerifyData(rsa, AsBytes("data"), AsBytes("signature")).code(), absl::StatusCode::kInvalidArgument);
}

TEST(PublicKeyTest, VerifiesPlainEcdsa) {
  const Key key("prime256v1");
  const SignatureAlgorithm der{.scheme = SignatureScheme::kEcdsa, .digest = Digest::kSha256};
  const SignatureAlgorithm plain{.scheme = SignatureScheme::kEcdsaPlain, .digest = Digest::kSha256};
  const std::string signature = key.Sign(der, "data");
  std::string halves;
  TlvReader reader(ReadOnly(AsBytes(signature), tag::kSequence, Rules::kDer, "")->value, Rules::kDer);
  for (int i = 0; i < 2; ++i) {
    std::string number(AsText(reader.Next("")->value));
    if (number.size() > 32) number.erase(0, 1);
    halves += std::string(32 - number.size(), '\0') + number;
  }
  const auto parsed = PublicKey::Parse(AsBytes(key.info));
  EXPECT_TRUE(parsed->VerifyData(plain, AsBytes("data"), AsBytes(halves)).ok());
  EXPECT_FALSE(parsed->VerifyData(plain, AsBytes("data"), AsBytes(halves.substr(1))).ok());
}

TEST(SignatureAlgorithmTest, AbsentPssParametersHaveTheirDefaults) {
  const auto read = [](const std::string& bytes) {
    return ReadSignatureAlgorithm(*ReadOnly(AsBytes(bytes), tag::kSequence, Rules::kDer, ""), "algorithm");
  };
  const SignatureAlgorithm defaults{SignatureScheme::kRsaPss, Digest::kSha1, Digest::kSha1, 20};
  EXPECT_EQ(*read(specimen::Sequence({specimen::ObjectId(oid::kRsassaPss)})), defaults);
  EXPECT_EQ(*read(specimen::Sequence({specimen::ObjectId(oid::kRsassaPss), specimen::Sequence({})})), defaults);
  const SignatureAlgorithm odd{SignatureScheme::kRsaPss, Digest::kSha512, Digest::kSha224, 0};
  EXPECT_EQ(*read(specimen::AlgorithmIdentifier(odd)), odd);
  EXPECT_FALSE(read(specimen::Sequence({specimen::ObjectId("1.2.840.113549.1.1.4")})).ok()) << "MD5";
}

}  // namespace
}  // namespace gatehouse::pki
