#include "libs/pki/trust_material.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

TEST(TrustMaterialTest, TakesWhatIsWhole) {
  const Key key("prime256v1");
  const CertificateRequest request{.subject = Name("UT", "CSCA"),
                                   .key_info = key.info,
                                   .authority = true,
                                   .key_usage = 0x06,
                                   .algorithm = DefaultAlgorithm("prime256v1")};
  TrustStore::Builder builder;
  const TrustMaterial certificate = ReadTrustMaterial("csca.der", MakeCertificate(request, key));
  EXPECT_EQ(certificate.kind, TrustFileKind::kCertificate);
  EXPECT_EQ(certificate.certificates.size(), 1u);
  EXPECT_EQ(certificate.Fingerprints().size(), 1u);
  certificate.AddTo(builder);
  ReadTrustMaterial("csca.crl", MakeCrl({.algorithm = request.algorithm}, key)).AddTo(builder);
  const auto store = builder.Build();
  EXPECT_EQ(store->anchor_count(), 1u);
  EXPECT_EQ(store->crl_count(), 1u);
}

TEST(TrustMaterialTest, SaysWhyItTakesNothing) {
  for (const char* text : {"nonsense", "", "version: 1\ndn: dc=int\n", "-----BEGIN X-----\nMAA=\n-----END X-----\n"}) {
    const TrustMaterial material = ReadTrustMaterial("file", text);
    EXPECT_TRUE(material.empty()) << text;
    EXPECT_EQ(material.reasons.size(), 1u) << text;
  }
}

TEST(TrustMaterialTest, TakesNothingOfAMasterListWhoseSignerDoesNotHold) {
  const Key key("prime256v1");
  const SignedDataRequest request{.content_type = std::string(AsText(oid::kMasterList.bytes())),
                                  .content = Sequence({Integer(0), Set({})}),
                                  .signer_identifier = IssuerAndSerial(Name("UT", "CSCA"), 1),
                                  .algorithm = DefaultAlgorithm("prime256v1")};
  const TrustMaterial material = ReadTrustMaterial("list.ml", MakeSignedData(request, key));
  EXPECT_TRUE(material.empty());
  EXPECT_EQ(material.signer, ListSigner::kInvalid);
  EXPECT_EQ(material.reasons.size(), 1u);
}

}  // namespace
}  // namespace gatehouse::pki
