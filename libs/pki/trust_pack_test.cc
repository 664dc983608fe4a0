#include "libs/pki/trust_pack.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

class TrustPackTest : public testing::Test {
 protected:
  std::string CertificateOf(const Key& key) {
    return MakeCertificate(
        {.subject = Name("UT", "Centre"), .key_info = key.info, .algorithm = DefaultAlgorithm("prime256v1")}, key);
  }
  TrustPack Pack() {
    TrustPack pack;
    pack.version_number = 12;
    pack.sources = {{.name = "list.ml",
                     .accepted_by = {"anna", "boris"},
                     .pkd = {.nonconformant = true, .code = "ERR:DSC.EKU.4", .text = "odd"}}};
    pack.elements = {{.role = TrustRole::kAnchor, .content = AsBytes(anchor_), .source = 0},
                     {.role = TrustRole::kDeviationList, .content = AsBytes(opaque_), .source = 0}};
    return pack;
  }
  std::string Written() {
    auto written = WriteTrustPack(Pack(), AsBytes(certificate_), key_.pem());
    EXPECT_TRUE(written.ok()) << written.status();
    return *written;
  }

  Key key_{"prime256v1"}, other_key_{"prime256v1"};
  std::string certificate_ = CertificateOf(key_), anchor_ = CertificateOf(other_key_), opaque_ = std::string(9000, 'x');
  std::vector<CertificatePtr> signers_ = {*Certificate::Parse(AsBytes(certificate_))};
};

TEST_F(TrustPackTest, HoldsWhatTheCentreUses) {
  const std::string written = Written();
  EXPECT_LT(written.size(), 3000u) << "compressed";
  const auto pack = ReadTrustPack(written, signers_);
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_EQ(pack->version_number, 12);
  EXPECT_EQ(pack->signer, signers_.front());
  ASSERT_EQ(pack->elements.size(), 2u);
  EXPECT_EQ(pack->elements[0].role, TrustRole::kAnchor);
  EXPECT_EQ(AsText(pack->elements[0].content), anchor_);
  EXPECT_EQ(AsText(pack->elements[1].content), opaque_);
  EXPECT_EQ(pack->sources[0].accepted_by.size(), 2u);
  EXPECT_EQ(pack->sources[0].pkd, Pack().sources[0].pkd);
}

TEST_F(TrustPackTest, NothingAlteredIsTaken) {
  const std::string written = Written();
  for (size_t at = 0; at < written.size(); ++at) {
    std::string altered = written;
    altered[at] ^= 1;
    EXPECT_FALSE(ReadTrustPack(altered, signers_).ok()) << at;
    EXPECT_FALSE(ReadTrustPack(written.substr(0, at), signers_).ok()) << at;
  }
  EXPECT_EQ(ReadTrustPack(written + "x", signers_).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(TrustPackTest, OnlyAConfiguredSignerSigns) {
  EXPECT_EQ(ReadTrustPack(Written(), {}).status().code(), absl::StatusCode::kUnauthenticated);
  const std::string other = CertificateOf(other_key_);
  EXPECT_EQ(ReadTrustPack(Written(), {*Certificate::Parse(AsBytes(other))}).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_FALSE(WriteTrustPack(Pack(), AsBytes(other), key_.pem()).ok()) << "the certificate of another key";
  EXPECT_FALSE(WriteTrustPack(Pack(), AsBytes(certificate_), "no key").ok());
}

}  // namespace
}  // namespace gatehouse::pki
