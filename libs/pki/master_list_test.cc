#include "libs/pki/master_list.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

class MasterListTest : public testing::Test {
 protected:
  MasterListTest() {
    authority_.subject = authority_.issuer;
    authority_.key_info = authority_key_.info;
    authority_.authority = true;
    authority_.key_usage = 0x06;
    authority_.algorithm = DefaultAlgorithm("prime256v1");
    signer_.serial = 5;
    signer_.key_info = signer_key_.info;
    signer_.algorithm = authority_.algorithm;
    signer_.further_extensions = {
        Extension(oid::kExtendedKeyUsage, true, Sequence({ObjectId(oid::kMasterListSigning)}))};
  }

  absl::StatusOr<MasterList> MakeAndParse(const std::vector<std::string>& elements) {
    SignedDataRequest request{.content_type = std::string(AsText(oid::kMasterList.bytes())),
                              .certificates = {MakeCertificate(signer_, authority_key_)},
                              .signer_identifier = IssuerAndSerial(signer_.issuer, signer_.serial),
                              .algorithm = authority_.algorithm};
    request.content = Sequence({Integer(0), Set(elements)});
    return ParseMasterList(AsBytes(MakeSignedData(request, signer_key_)));
  }
  std::string Authority() { return MakeCertificate(authority_, authority_key_); }

  Key authority_key_{"prime256v1"}, signer_key_{"prime256v1"};
  CertificateRequest authority_, signer_;
};

TEST_F(MasterListTest, ReadsAndJudgesItsSigner) {
  const auto list = MakeAndParse({Authority()});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->signature.verdict.ok()) << list->signature.verdict;
  EXPECT_EQ(list->certificates.size(), 1u);
  EXPECT_NE(list->signature.authority, nullptr);
}

TEST_F(MasterListTest, SkipsAndReportsABrokenElement) {
  const auto list = MakeAndParse({Authority(), Sequence({Integer(1)}), Element(0x04, "junk")});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->certificates.size(), 1u);
  EXPECT_EQ(list->broken.size(), 2u);
  EXPECT_TRUE(list->signature.verdict.ok());
}

TEST_F(MasterListTest, OnlyAMasterListSignerSignsOne) {
  signer_.further_extensions.clear();
  EXPECT_FALSE(MakeAndParse({Authority()})->signature.verdict.ok());
}

TEST_F(MasterListTest, TheSignerNeedsAnAuthority) { EXPECT_FALSE(MakeAndParse({})->signature.verdict.ok()); }

TEST_F(MasterListTest, AnotherSignedDataIsNoMasterList) {
  const SignedDataRequest request{
      .content = "x", .signer_identifier = IssuerAndSerial(signer_.issuer, 5), .algorithm = authority_.algorithm};
  EXPECT_FALSE(ParseMasterList(AsBytes(MakeSignedData(request, signer_key_))).ok());
}

}  // namespace
}  // namespace gatehouse::pki
