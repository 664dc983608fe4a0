#include "libs/signing/signing_keys.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "libs/testing/temporary_folder.h"

namespace gatehouse::signing {
namespace {

constexpr char kModule[] = "/usr/lib/softhsm/libsofthsm2.so";

void WriteKey(const std::string& path, const char* curve) {
  EVP_PKEY* key = curve != nullptr ? EVP_EC_gen(curve) : EVP_RSA_gen(2048);
  FILE* file = fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  fclose(file);
  EVP_PKEY_free(key);
}

void ExpectSigns(const pki::SigningKey& key) {
  const auto public_key = pki::PublicKey::Parse(key.public_key_info());
  ASSERT_TRUE(public_key.ok()) << public_key.status();
  const auto scheme = public_key->is_rsa() ? pki::SignatureScheme::kRsaPkcs1 : pki::SignatureScheme::kEcdsaPlain;
  const auto digest = pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes("a seal"));
  const auto signature = key.SignDigest(pki::Digest::kSha256, digest.bytes());
  ASSERT_TRUE(signature.ok()) << signature.status();
  const pki::SignatureAlgorithm algorithm{.scheme = scheme, .digest = pki::Digest::kSha256};
  EXPECT_TRUE(public_key->VerifyData(algorithm, pki::AsBytes("a seal"), *signature).ok());
  EXPECT_FALSE(public_key->VerifyData(algorithm, pki::AsBytes("a leas"), *signature).ok());
}

TEST(SigningKeyTest, FromAFile) {
  const testing::TemporaryFolder folder;
  for (const char* curve : {"prime256v1", "brainpoolP384r1", static_cast<const char*>(nullptr)}) {
    WriteKey(folder.File("key.pem"), curve);
    const auto key = OpenSigningKey(folder.File("key.pem"));
    ASSERT_TRUE(key.ok()) << key.status();
    ExpectSigns(**key);
  }
  EXPECT_EQ(OpenSigningKey(folder.File("none")).status().code(), absl::StatusCode::kNotFound);
  std::ofstream(folder.File("bad.pem")) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_EQ(OpenSigningKey(folder.File("bad.pem")).status().code(), absl::StatusCode::kInvalidArgument);
}

// A token of SoftHSM with keys brought in from files.
class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kModule)) GTEST_SKIP() << "no SoftHSM (package softhsm2)";
    std::filesystem::create_directory(folder_.File("tokens"));
    std::ofstream(folder_.File("softhsm.conf")) << "directories.tokendir = " << folder_.File("tokens") << "\n";
    setenv("SOFTHSM2_CONF", folder_.File("softhsm.conf").c_str(), 1);
    std::ofstream(folder_.File("pin")) << "4711\n";
    ASSERT_EQ(Run("softhsm2-util --init-token --free --label visa --pin 4711 --so-pin 0815"), 0);
    WriteKey(folder_.File("ec.pem"), "prime256v1");
    WriteKey(folder_.File("rsa.pem"), nullptr);
    ASSERT_EQ(Import("ec.pem", "seal", "01"), 0);
    ASSERT_EQ(Import("rsa.pem", "report", "02"), 0);
  }
  int Run(const std::string& command) const { return std::system((command + " >/dev/null").c_str()); }
  int Import(const std::string& file, const std::string& label, const std::string& id) const {
    return Run("softhsm2-util --import " + folder_.File(file) + " --token visa --label " + label + " --id " + id +
               " --pin 4711");
  }
  std::string Uri(const std::string& path, const std::string& pin = "pin") const {
    return "pkcs11:" + path + "?module-path=" + kModule + "&pin-source=" + folder_.File(pin);
  }
  testing::TemporaryFolder folder_;
};

TEST_F(TokenTest, FromAToken) {
  for (const char* path : {"token=visa;object=seal;type=private", "token=visa;id=%01", "token=visa;object=report"}) {
    const auto key = OpenSigningKey(Uri(path));
    ASSERT_TRUE(key.ok()) << key.status() << " " << path;
    ExpectSigns(**key);
  }
}

TEST_F(TokenTest, SaysWhatIsMissing) {
  EXPECT_EQ(OpenSigningKey(Uri("token=other;object=seal")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenSigningKey(Uri("token=visa;object=other")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenSigningKey(Uri("token=visa")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenSigningKey(Uri("token=visa;object=seal", "none")).status().code(), absl::StatusCode::kNotFound);
  std::ofstream(folder_.File("wrong")) << "0000\n";
  EXPECT_EQ(OpenSigningKey(Uri("token=visa;object=seal", "wrong")).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenSigningKey("pkcs11:token=visa;object=seal").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenSigningKey("pkcs11:token=visa;object=seal?pin-value=4711").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace gatehouse::signing
