// Signed texts: what we sign verifies, and nothing else does.
#include "libs/seal/signed_text.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <fstream>

#include "libs/base/check.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::seal {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;

// A pair on the disk; valid for an hour.
struct Pair {
  Pair(const testing::TemporaryFolder& folder, const std::string& name, const char* curve = "P-256")
      : certificate_file(folder.File(name + ".crt")), key_file(folder.File(name + ".key")) {
    EVP_PKEY* const key = EVP_EC_gen(curve);
    X509* const certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    GH_CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE* file = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string Pem() const {
    std::ifstream file(certificate_file);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::string certificate_file;
  std::string key_file;
};

class SignedTextTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  Pair pair_{folder_, "report-signer"};
  Pair other_{folder_, "officer-1"};
};

TEST_F(SignedTextTest, WhatIsSignedVerifiesUnderItsSignerOnly) {
  const auto signer = TextSigner::Read(pair_.certificate_file, pair_.key_file);
  ASSERT_THAT(signer, IsOk());
  const std::string compact = (*signer)->Sign("json", "{\"a\":1}");
  const auto verified = VerifySignedText(compact, other_.Pem() + pair_.Pem(), absl::Now());
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->text, "{\"a\":1}");
  EXPECT_EQ(verified->kind, "json");
  EXPECT_EQ(verified->signer, "CN=report-signer");
  EXPECT_THAT(VerifySignedText(compact, other_.Pem(), absl::Now()), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(VerifySignedText(compact, "", absl::Now()), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(VerifySignedText(compact, pair_.Pem(), absl::Now() + absl::Hours(2)),
              StatusIs(absl::StatusCode::kUnauthenticated))
      << "the certificate has expired by then";
}

TEST_F(SignedTextTest, NoChangedCharacterVerifies) {
  const auto signer = TextSigner::Read(pair_.certificate_file, pair_.key_file);
  ASSERT_THAT(signer, IsOk());
  const std::string compact = (*signer)->Sign("xml", "<a/>");
  for (size_t i = 0; i < compact.size(); ++i) {
    // The last characters of a part may hold bits that mean nothing.
    if (i + 1 == compact.size() || compact[i + 1] == '.') continue;
    std::string changed = compact;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == compact) continue;
    EXPECT_FALSE(VerifySignedText(changed, pair_.Pem(), absl::Now()).ok()) << i;
  }
  for (const char* text : {"", ".", "..", "a.b.c", "e30.e30.e30"}) {
    EXPECT_FALSE(VerifySignedText(text, pair_.Pem(), absl::Now()).ok()) << text;
  }
}

TEST_F(SignedTextTest, APairThatDoesNotFitIsRefused) {
  EXPECT_THAT(TextSigner::Read(pair_.certificate_file, other_.key_file), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(TextSigner::Read("nowhere", pair_.key_file), StatusIs(absl::StatusCode::kNotFound));
  const Pair larger(folder_, "p384", "P-384");
  EXPECT_THAT(TextSigner::Read(larger.certificate_file, larger.key_file), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace gatehouse::seal
