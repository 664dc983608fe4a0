// The rest of what trust is made of, as the field publishes it: a file of the Public Key Directory, a deviation list, a
// revocation list, and country certificates, each with what its label says.
#include <gtest/gtest.h>

#include "libs/pki/certificate_check.h"
#include "libs/pki/deviation_table.h"
#include "libs/pki/trust_material.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::pki {
namespace {

namespace fs = std::filesystem;
using conformance::ReadFile;
using conformance::TestData;

TrustMaterial ReadMaterial(const fs::path& path) { return ReadTrustMaterial(path, AsText(ReadFile(path))); }

absl::Time Day(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

TEST(TrustListsConformanceTest, ThePublicKeyDirectoryIsReadWithItsMarks) {
  const fs::path path = TestData("emrtd/pkd/synthetic-001-dsccrl.ldif");
  if (!fs::exists(path)) GTEST_SKIP() << "no file of the directory: set GATEHOUSE_DATA";
  const TrustMaterial material = ReadMaterial(path);
  EXPECT_EQ(material.kind, TrustFileKind::kPkdLdif);
  for (const std::string& reason : material.reasons) ADD_FAILURE() << reason;
  EXPECT_EQ(material.certificates.size(), 16u);
  EXPECT_EQ(material.crls.size(), 1u);
  EXPECT_FALSE(material.pkd_versions.is_delta);
  EXPECT_EQ(material.pkd_versions.first(), 1001);
  size_t nonconformant = 0;
  for (const auto& [fingerprint, mark] : material.pkd_marks) nonconformant += mark.conformance.nonconformant ? 1 : 0;
  EXPECT_GE(nonconformant, 1u) << "every ninth signer stands under dc=nc-data";

  // Each signer finds the authority of the chip it signed.
  TrustStore::Builder builder;
  for (const auto& folder : fs::directory_iterator(TestData("emrtd/synthetic"))) {
    for (const char* name : {"csca.der", "csca_link.der"}) {
      if (fs::exists(folder.path() / name)) ReadMaterial(folder.path() / name).AddTo(builder);
    }
  }
  const auto trust = builder.Build();
  size_t found = 0;
  for (const CertificatePtr& signer : material.certificates) {
    found += trust->Judge(signer)->signature == SignatureState::kValid ? 1 : 0;
  }
  EXPECT_GE(found, 14u) << "one was signed by another key, and one authority is withheld";
}

TEST(TrustListsConformanceTest, TheDeviationListNamesItsSigner) {
  const fs::path path = TestData("emrtd/dvl/synthetic.dvl");
  if (!fs::exists(path)) GTEST_SKIP() << "no deviation list: set GATEHOUSE_DATA";
  const TrustMaterial material = ReadMaterial(path);
  EXPECT_EQ(material.kind, TrustFileKind::kDeviationList);
  ASSERT_EQ(material.deviation_lists.size(), 1u) << (material.reasons.empty() ? "" : material.reasons[0]);
  const DeviationListPtr list = material.deviation_lists[0];
  EXPECT_TRUE(list->skipped.empty());
  ASSERT_EQ(list->deviations.size(), 1u);
  ASSERT_EQ(list->deviations[0].descriptions.size(), 1u);
  EXPECT_EQ(list->deviations[0].descriptions[0].type, DeviationType::kSignerEncoding);

  TrustStore::Builder builder;
  ReadMaterial(TestData("emrtd/ml/synthetic_csca_for_ml.der")).AddTo(builder);
  const auto held = builder.Build();
  DeviationTable table;
  const absl::Status added = table.Add("synthetic.dvl", list, *held);
  EXPECT_TRUE(added.ok()) << added;
  const auto named = Certificate::Parse(ReadFile(TestData("emrtd/synthetic/d01/dsc.der")));
  const auto other = Certificate::Parse(ReadFile(TestData("emrtd/synthetic/d02/dsc.der")));
  ASSERT_TRUE(named.ok() && other.ok());
  EXPECT_EQ(table.Find({.signer = named->get()}).size(), 1u);
  EXPECT_TRUE(table.Find({.signer = other->get()}).empty());
}

TEST(TrustListsConformanceTest, ARealRevocationListIsWellSignedAndStale) {
  if (!fs::exists(TestData("emrtd/crl/AU_csca.crl"))) GTEST_SKIP() << "no revocation list: set GATEHOUSE_DATA";
  const TrustMaterial list = ReadMaterial(TestData("emrtd/crl/AU_csca.crl"));
  ASSERT_EQ(list.crls.size(), 1u);
  const TrustMaterial authority = ReadMaterial(TestData("emrtd/vdsnc/CSCA_AUS.der"));
  ASSERT_EQ(authority.certificates.size(), 1u);
  EXPECT_TRUE(VerifySignatureBy(*authority.certificates[0], *list.crls[0]).ok());
  TrustStore::Builder builder;
  list.AddTo(builder);
  authority.AddTo(builder);
  const auto trust = builder.Build();
  const Certificate& certificate = *authority.certificates[0];
  EXPECT_EQ(trust->Revocation(certificate, Day(2021, 9, 1)).state, RevocationState::kGood);
  EXPECT_EQ(trust->Revocation(certificate, Day(2026, 6, 15)).state, RevocationState::kUndetermined) << "long stale";
}

TEST(TrustListsConformanceTest, EveryCountryCertificateIsKnownToTheUnionOfTheListsAndUnknownToNone) {
  if (!fs::exists(TestData("emrtd/csca"))) GTEST_SKIP() << "no country certificates: set GATEHOUSE_DATA";
  TrustStore::Builder builder;
  const auto nothing = builder.Build();
  for (const char* folder : {"emrtd/ml", "emrtd/csca"}) {
    for (const auto& entry : fs::directory_iterator(TestData(folder))) ReadMaterial(entry.path()).AddTo(builder);
  }
  const auto trust = builder.Build();
  size_t authorities = 0, signers = 0;
  for (const auto& entry : fs::directory_iterator(TestData("emrtd/csca"))) {
    SCOPED_TRACE(entry.path().filename());
    const TrustMaterial material = ReadMaterial(entry.path());
    ASSERT_EQ(material.certificates.size(), 1u);
    const CertificatePtr certificate = material.certificates[0];
    const absl::Time time = certificate->not_before + absl::Hours(24);
    const CertificateCheck alone = CheckCertificate(*nothing, certificate, time);
    EXPECT_EQ(alone.overall, CertificateOverall::kUndetermined) << alone.reason;
    if (alone.role != CertificateRole::kAuthority) {
      ++signers;  // one of the old files is a document signer's
      continue;
    }
    ++authorities;
    const CertificateCheck known = CheckCertificate(*trust, certificate, time);
    EXPECT_EQ(known.overall, CertificateOverall::kValid) << known.reason;
  }
  EXPECT_GE(authorities, 10u);
  EXPECT_LE(signers, 1u);
}

// The revocation list there is Australia's, of its authority's later name, and long stale: it lists nobody, so it says
// nothing of the signer under the earlier name.
TEST(TrustListsConformanceTest, ThePublicSignersAreValidUnderTheUnionOfTheListsExceptWhereNoneKnowsTheAuthority) {
  if (!fs::exists(TestData("emrtd/dsc"))) GTEST_SKIP() << "no signer certificates: set GATEHOUSE_DATA";
  TrustStore::Builder builder;
  for (const char* folder : {"emrtd/ml", "emrtd/csca", "emrtd/crl"}) {
    for (const auto& entry : fs::directory_iterator(TestData(folder))) ReadMaterial(entry.path()).AddTo(builder);
  }
  const auto trust = builder.Build();
  size_t valid = 0, undetermined = 0;
  for (const auto& entry : fs::directory_iterator(TestData("emrtd/dsc"))) {
    SCOPED_TRACE(entry.path().filename());
    const TrustMaterial material = ReadMaterial(entry.path());
    ASSERT_EQ(material.certificates.size(), 1u);
    const CertificateCheck check = CheckCertificate(*trust, material.certificates[0], Day(2026, 6, 15));
    if (check.overall == CertificateOverall::kUndetermined) {
      ++undetermined;
      EXPECT_EQ(material.certificates[0]->subject.country(), "ID") << check.reason;
    } else {
      ++valid;
      EXPECT_EQ(check.overall, CertificateOverall::kValid) << check.reason;
      EXPECT_EQ(check.revocation.state, RevocationState::kNoCrl);
    }
  }
  EXPECT_EQ(valid, 6u);
  EXPECT_EQ(undetermined, 1u);
}

// A list is judged by the anchors that are held: by its own country's, not by another's.
TEST(TrustListsConformanceTest, TheGermanListsAreSignedUnderTheGermanAnchor) {
  if (!fs::exists(TestData("emrtd/ml"))) GTEST_SKIP() << "no master lists: set GATEHOUSE_DATA";
  TrustStore::Builder german, french;
  ReadMaterial(TestData("emrtd/csca/DE_ROOT_CA_CSCA07.cer")).AddTo(german);
  ReadMaterial(TestData("emrtd/csca/DE_66b09a816ff5.der")).AddTo(german);
  ReadMaterial(TestData("emrtd/csca/FR_5ba9a2069f34.der")).AddTo(french);
  const TrustMaterial list = ReadMaterial(TestData("emrtd/ml/DE_ML_2024-08-07.ml"));
  ASSERT_EQ(list.master_lists.size(), 1u);
  const ListSignature& signature = list.master_lists[0].signature;
  EXPECT_TRUE(signature.signing_time.has_value());
  const auto by = [&](TrustStore::Builder& held) {
    return JudgeListSigner(signature, CertificateRole::kMasterListSigner, *held.Build());
  };
  const ListSignerVerdict own = by(german), foreign = by(french);
  EXPECT_EQ(own.state, ListSigner::kValid) << own.reason;
  EXPECT_EQ(foreign.state, ListSigner::kUndetermined) << foreign.reason;
}

}  // namespace
}  // namespace gatehouse::pki
