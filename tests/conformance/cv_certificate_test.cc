// Real CV certificates of a test PKI: every one reads, and each that names another among them was signed by it.
#include "libs/emrtd/access/cv_certificate.h"

#include <gtest/gtest.h>

#include "libs/emrtd/access/cv_chain.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::emrtd::access {
namespace {

TEST(CvCertificateConformanceTest, TheChainHolds) {
  const auto folder = conformance::TestData("emrtd/cvc");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no CV certificates: set GATEHOUSE_DATA";
  std::vector<std::vector<uint8_t>> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(conformance::ReadFile(entry));
  std::vector<CvCertificate> authorities, others;
  for (const auto& file : files) {
    const auto certificate = ReadCvCertificate(file);
    ASSERT_TRUE(certificate.ok()) << certificate.status();
    (certificate->authorization.role == CvRole::kAuthority ? authorities : others).push_back(*certificate);
  }
  EXPECT_GE(files.size(), 3u);
  for (const CvCertificate& authority : authorities) {
    if (!authority.self_signed()) continue;
    const auto key = ResolveCvKey(authority.key, nullptr);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_TRUE(VerifyCvSignature(*key, authority.body, authority.signature).ok()) << authority.holder;
  }
  int chains = 0;
  for (const CvCertificate& terminal : others) {
    for (const CvCertificate& verifier : others) {
      if (terminal.authority != verifier.holder) continue;
      const std::vector<CvCertificate> chain = {verifier, terminal};
      const CvChainResult result =
          VerifyCvChain({.trust_points = authorities, .chain = chain, .day = terminal.effective});
      EXPECT_EQ(result.state, CvChainState::kValid) << terminal.holder << ": " << ToWord(result.reason);
      EXPECT_TRUE(result.reads_fingerprints);
      ++chains;
    }
  }
  EXPECT_GE(chains, 1);
}

}  // namespace
}  // namespace gatehouse::emrtd::access
