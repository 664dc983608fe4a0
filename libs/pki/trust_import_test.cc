#include "libs/pki/trust_import.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;  // NOLINT

TEST(TrustImportTest, TakesWhatIsWholeAndReportsTheRest) {
  const Key key("prime256v1");
  const CertificateRequest request{.subject = Name("UT", "CSCA"),
                                   .key_info = key.info,
                                   .authority = true,
                                   .key_usage = 0x06,
                                   .algorithm = DefaultAlgorithm("prime256v1")};
  TrustStore::Builder builder;
  const auto certificate = ImportTrustFile(AsBytes(MakeCertificate(request, key)), builder);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->kind, TrustFileKind::kCertificate);
  EXPECT_EQ(certificate->accepted, 1u);
  const auto crl = ImportTrustFile(AsBytes(MakeCrl({.algorithm = request.algorithm}, key)), builder);
  ASSERT_TRUE(crl.ok()) << crl.status();
  const auto store = builder.Build();
  EXPECT_EQ(store->anchor_count(), 1u);
  EXPECT_EQ(store->crl_count(), 1u);
}

TEST(TrustImportTest, SaysWhyItTakesNothing) {
  TrustStore::Builder builder;
  EXPECT_EQ(ImportTrustFile(AsBytes("nonsense"), builder).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ImportTrustFile(AsBytes(""), builder).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ImportTrustFile(AsBytes("version: 1\ndn: dc=int\n"), builder).status().code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ImportTrustFile(AsBytes("-----BEGIN X-----\nMAA=\n-----END X-----\n"), builder).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(TrustImportTest, TakesNothingOfAMasterListWhoseSignerDoesNotHold) {
  const Key key("prime256v1");
  const SignedDataRequest request{.content_type = std::string(AsText(oid::kMasterList.bytes())),
                                  .content = Sequence({Integer(0), Set({})}),
                                  .signer_identifier = IssuerAndSerial(Name("UT", "CSCA"), 1),
                                  .algorithm = DefaultAlgorithm("prime256v1")};
  TrustStore::Builder builder;
  EXPECT_EQ(ImportTrustFile(AsBytes(MakeSignedData(request, key)), builder).status().code(),
            absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace gatehouse::pki
