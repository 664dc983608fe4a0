// A centre's whole store on its way to a post: everything public that the test data hold, as one pack, small enough for
// a slow line or any stick, and the post comes to the same verdicts.
#include <gtest/gtest.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "libs/pki/certificate_check.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "services/document/schema.h"
#include "services/document/store.h"
#include "services/document/trust.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::document {
namespace {

namespace fs = std::filesystem;
using conformance::ReadFile;
using conformance::TestData;

constexpr size_t kMostPackBytes = 20'000'000;

// A centre or a post, with nothing in it.
class Site {
 public:
  explicit Site(TrustPackKeys keys) {
    auto database = sql::Open({.dsn = "sqlite::memory:"});
    EXPECT_OK(database);
    database_ = *std::move(database);
    EXPECT_OK(sql::Migrate(*database_, Migrations()));
    outbox_ = std::make_unique<events::Outbox>(*database_);
    repository_ = MakeTrustRepository(
        {.database = *database_, .outbox = *outbox_, .clock = clock_, .random = random_, .wake_relay = [] {}});
    trust_ = std::make_unique<Trust>(
        Trust::Deps{.repository = *repository_, .clock = clock_, .random = random_, .pack_keys = std::move(keys)});
  }
  Trust& trust() { return *trust_; }
  const pki::TrustStore& store() { return *trust_->snapshot().store; }

 private:
  testing::FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())};
  testing::SeededRandom random_{1};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<TrustRepository> repository_;
  std::unique_ptr<Trust> trust_;
};

struct File {
  std::string name;
  std::string content;
};
std::vector<File> PublicFiles() {
  std::vector<File> files;
  for (const char* folder : {"emrtd/ml", "emrtd/csca", "emrtd/dsc", "emrtd/crl", "emrtd/pkd", "emrtd/dvl"}) {
    for (const auto& entry : fs::directory_iterator(TestData(folder))) {
      files.push_back({entry.path().filename(), std::string(pki::AsText(ReadFile(entry.path())))});
    }
  }
  return files;
}

TEST(TrustPackConformanceTest, EverythingPublicFitsAStickAndAPostJudgesAsItsCentre) {
  if (!fs::exists(TestData("emrtd/ml"))) GTEST_SKIP() << "no public lists: set GATEHOUSE_DATA";
  const pki::specimen::Key key("prime256v1");
  const std::string certificate =
      pki::specimen::MakeCertificate({.subject = pki::specimen::Name("UT", "Centre"),
                                      .key_info = key.info,
                                      .algorithm = pki::specimen::DefaultAlgorithm("prime256v1")},
                                     key);
  Site centre({.certificate = certificate, .key = key.pem(), .signers = {}});
  const std::vector<File> files = PublicFiles();
  std::vector<NamedContent> named;
  for (const File& file : files) named.push_back({file.name, file.content});
  const auto imported = centre.trust().Import(named, "public lists", {"anna", true});
  ASSERT_OK(imported);
  ASSERT_OK(centre.trust().Accept(imported->import_id, {"boris", true}));
  ASSERT_GE(centre.store().anchor_count(), 500u);

  const auto pack = centre.trust().ExportPack(/*omit_signers=*/false);
  ASSERT_OK(pack);
  std::cout << "a pack of " << centre.store().content().size() << " elements has " << pack->bytes.size() << " bytes\n";
  EXPECT_LT(pack->bytes.size(), kMostPackBytes);

  Site post({.certificate = {}, .key = {}, .signers = {*pki::Certificate::Parse(pki::AsBytes(certificate))}});
  ASSERT_OK(post.trust().ImportPack(pack->bytes, {"carol", true}));
  EXPECT_EQ(post.store().version(), centre.store().version());

  size_t judged = 0, valid = 0;
  for (const auto& entry : fs::directory_iterator(TestData("emrtd/dsc"))) {
    SCOPED_TRACE(entry.path().filename());
    const auto signer = pki::Certificate::Parse(ReadFile(entry.path()));
    ASSERT_OK(signer);
    for (const absl::Time time : {(*signer)->not_before + absl::Hours(24), (*signer)->not_after + absl::Hours(24)}) {
      const pki::CertificateCheck there = pki::CheckCertificate(centre.store(), *signer, time);
      const pki::CertificateCheck here = pki::CheckCertificate(post.store(), *signer, time);
      EXPECT_EQ(here.overall, there.overall) << here.reason << " against " << there.reason;
      EXPECT_EQ(here.verdict.chain, there.verdict.chain);
      EXPECT_EQ(here.revocation.state, there.revocation.state);
      EXPECT_EQ(here.reason, there.reason);
      valid += here.verdict.chain == pki::ChainState::kValid ? 1 : 0;
    }
    ++judged;
  }
  EXPECT_GE(judged, 7u);
  EXPECT_GE(valid, 2u) << "with verdicts that say something";
}

}  // namespace
}  // namespace gatehouse::document
