// Real national master lists, and real document signers against their union.
#include "libs/pki/master_list.h"

#include <gtest/gtest.h>

#include "libs/pki/trust_material.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::pki {
namespace {

namespace fs = std::filesystem;
using conformance::ReadFile;
using conformance::TestData;

struct LabelledList {
  const char* path;
  size_t certificates;
};
constexpr LabelledList kLists[] = {{"emrtd/ml/DE_ML_2021-03-15.ml", 423},
                                   {"emrtd/ml/NL_ML_2019-12-17.mls", 281},
                                   {"emrtd/ml/DE_ML_2024-08-07.ml", 541},
                                   {"emrtd/ml/synthetic_good.ml", 17}};

TEST(MasterListConformanceTest, EveryListVerifiesAndHasItsCertificates) {
  if (!fs::exists(TestData("emrtd/ml"))) GTEST_SKIP() << "no master lists: set GATEHOUSE_DATA";
  for (const LabelledList& labelled : kLists) {
    SCOPED_TRACE(labelled.path);
    const auto file = ReadFile(TestData(labelled.path));
    EXPECT_EQ(ClassifyTrustFile(file), TrustFileKind::kMasterList);
    const absl::StatusOr<MasterList> list = ParseMasterList(file);
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_TRUE(list->signature.verdict.ok()) << list->signature.verdict;
    EXPECT_EQ(list->certificates.size(), labelled.certificates);
    for (const BrokenElement& broken : list->broken) ADD_FAILURE() << broken.index << ": " << broken.reason;
    for (const CertificatePtr& certificate : list->certificates) {
      EXPECT_TRUE(certificate->public_key.ok()) << certificate->subject.text() << certificate->public_key.status();
    }
  }
}

TEST(MasterListConformanceTest, RealSignersFindTheirIssuer) {
  if (!fs::exists(TestData("emrtd/dsc"))) GTEST_SKIP() << "no signer certificates: set GATEHOUSE_DATA";
  TrustStore::Builder builder;
  for (const LabelledList& labelled : kLists) {
    const TrustMaterial material = ReadTrustMaterial(labelled.path, AsText(ReadFile(TestData(labelled.path))));
    EXPECT_EQ(material.Fingerprints().size(), labelled.certificates);
    EXPECT_TRUE(material.reasons.empty());
    material.AddTo(builder);
  }
  for (const auto& entry : fs::directory_iterator(TestData("emrtd/csca"))) {
    const TrustMaterial material = ReadTrustMaterial(entry.path(), AsText(ReadFile(entry.path())));
    ASSERT_FALSE(material.empty()) << entry.path();
    material.AddTo(builder);
  }
  const auto trust = builder.Build();
  // Indonesia is in none of these lists; with its authority unknown its signer must be undetermined, never invalid.
  for (const auto& entry : fs::directory_iterator(TestData("emrtd/dsc"))) {
    const auto verdict = trust->Judge(ReadFile(entry.path()));
    ASSERT_TRUE(verdict.ok()) << entry.path() << verdict.status();
    const bool listed = (*verdict)->signer->subject.country() != "ID";
    EXPECT_EQ((*verdict)->signature, listed ? SignatureState::kValid : SignatureState::kUndetermined) << entry.path();
    EXPECT_EQ((*verdict)->chain, listed ? ChainState::kValid : ChainState::kNoTrustAnchor)
        << entry.path() << " " << (*verdict)->reason;
  }
}

}  // namespace
}  // namespace gatehouse::pki
