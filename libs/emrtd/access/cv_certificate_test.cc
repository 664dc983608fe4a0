#include "libs/emrtd/access/cv_certificate.h"

#include <gtest/gtest.h>

#include "libs/emrtd/access/cv_chain.h"
#include "libs/pki/specimen_for_tests.h"
#include "tools/specimen/cv_certificate_maker.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::AsBytes;
using pki::specimen::Key;
using namespace gatehouse::specimen;  // the makers

constexpr const char* kRsaSha256 = "0.4.0.127.0.7.2.2.2.1.2";
constexpr const char* kRsaPssSha256 = "0.4.0.127.0.7.2.2.2.1.4";
const absl::CivilDay kBegin(2026, 1, 1), kEnd(2026, 12, 31), kToday(2026, 6, 15);

// An authority, a document verifier and a terminal; change what you want, then Verify().
struct Chain {
  explicit Chain(const std::string& kind = "brainpoolP256r1", const char* algorithm = "0.4.0.127.0.7.2.2.2.2.3")
      : authority_key(kind), verifier_key(kind), terminal_key(kind) {
    authority = {.key = authority_key.pkey(),
                 .algorithm = algorithm,
                 .domain_parameters = true,
                 .effective = kBegin,
                 .expiration = kEnd};
    verifier = {.holder = "UTDVBORDER00001",
                .key = verifier_key.pkey(),
                .algorithm = algorithm,
                .rights = kCvDomesticVerifier | kCvReadsFingerprints,
                .effective = kBegin,
                .expiration = kEnd};
    terminal = {.authority = "UTDVBORDER00001",
                .holder = "UTIS000100001",
                .key = terminal_key.pkey(),
                .algorithm = algorithm,
                .rights = kCvTerminal | kCvReadsFingerprints | kCvReadsIrises,
                .effective = kBegin,
                .expiration = kEnd};
  }

  CvChainResult Verify(absl::CivilDay day = kToday) {
    files = {MakeCvCertificate(authority, {authority_key.pkey(), authority.algorithm}),
             MakeCvCertificate(verifier, {authority_key.pkey(), authority.algorithm}),
             MakeCvCertificate(terminal, {verifier_key.pkey(), verifier.algorithm})};
    std::vector<CvCertificate> read;
    for (const std::string& file : files) {
      auto certificate = ReadCvCertificate(AsBytes(file));
      EXPECT_TRUE(certificate.ok()) << certificate.status();
      if (!certificate.ok()) return {};
      read.push_back(*std::move(certificate));
    }
    return VerifyCvChain({.trust_points = {read.data(), 1}, .chain = {read.data() + 1, 2}, .day = day});
  }

  Key authority_key, verifier_key, terminal_key;
  CvCertificateRequest authority, verifier, terminal;
  std::vector<std::string> files;
};

TEST(CvChainTest, DomainParametersAndRightsComeFromAbove) {
  const CvChainResult result = Chain().Verify();
  EXPECT_EQ(result.state, CvChainState::kValid) << ToWord(result.reason) << " " << result.detail;
  EXPECT_TRUE(result.reads_fingerprints);
  EXPECT_FALSE(result.reads_irises) << "the document verifier may not";
}

TEST(CvChainTest, EveryKindOfKey) {
  EXPECT_EQ(Chain("secp224r1", "0.4.0.127.0.7.2.2.2.2.2").Verify().state, CvChainState::kValid);
  EXPECT_EQ(Chain("secp521r1", "0.4.0.127.0.7.2.2.2.2.5").Verify().state, CvChainState::kValid);
  EXPECT_EQ(Chain("RSA:1024", kRsaSha256).Verify().state, CvChainState::kValid);
  EXPECT_EQ(Chain("RSA:1024", kRsaPssSha256).Verify().state, CvChainState::kValid);
}

TEST(CvChainTest, RefusesWhatTheAuthorityDidNotAllow) {
  const auto reason = [](void (*change)(Chain&), absl::CivilDay day = kToday) {
    Chain chain;
    change(chain);
    const CvChainResult result = chain.Verify(day);
    EXPECT_NE(result.state, CvChainState::kValid);
    EXPECT_FALSE(result.reads_fingerprints);
    return result.reason;
  };
  EXPECT_EQ(reason([](Chain& chain) { chain.verifier.authority = "UTCVCA00002"; }), CvChainReason::kNoTrustPoint);
  EXPECT_EQ(reason([](Chain& chain) { chain.terminal.authority = "UTDVOTHER00001"; }),
            CvChainReason::kReferenceDiffers);
  EXPECT_EQ(reason([](Chain& chain) { chain.verifier.rights = kCvTerminal; }), CvChainReason::kRole);
  EXPECT_EQ(reason([](Chain& chain) { chain.terminal.rights = kCvDomesticVerifier; }), CvChainReason::kRole);
  EXPECT_EQ(reason([](Chain& chain) { chain.terminal.type = "0.4.0.127.0.7.3.1.2.3"; }), CvChainReason::kTerminalType);
  EXPECT_EQ(reason([](Chain& chain) { chain.verifier.domain_parameters = true; }), CvChainReason::kDomainParameters);
  EXPECT_EQ(reason([](Chain& chain) { chain.authority.domain_parameters = false; }), CvChainReason::kKeyRefused);
  EXPECT_EQ(reason([](Chain& chain) { chain.verifier.key = chain.terminal_key.pkey(); }), CvChainReason::kSignature);
  EXPECT_EQ(reason([](Chain&) {}, kBegin - 1), CvChainReason::kNotYetValid);
  EXPECT_EQ(reason([](Chain&) {}, kEnd + 1), CvChainReason::kExpired);
}

TEST(CvChainTest, NoBitOfABodyMayChange) {
  Chain chain;
  ASSERT_EQ(chain.Verify().state, CvChainState::kValid);
  const auto anchor = ReadCvCertificate(AsBytes(chain.files[0]));
  for (size_t bit = 0; bit < 8 * chain.files[1].size(); bit += 7) {
    std::string bad = chain.files[1];
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto certificate = ReadCvCertificate(AsBytes(bad));
    if (!certificate.ok()) continue;
    EXPECT_NE(VerifyCvChain({.trust_points = {&*anchor, 1}, .chain = {&*certificate, 1}, .day = kToday}).state,
              CvChainState::kValid)
        << bit;
  }
}

// A chip that was in a drawer for years learns of the new authority through links, which have ended meanwhile.
TEST(CvChainTest, LinksLeadToANewAuthorityAlsoWhenTheyHaveEnded) {
  Chain chain;
  ASSERT_EQ(chain.Verify().state, CvChainState::kValid);
  const Key next_key("prime256v1");
  const std::string link = MakeCvCertificate({.holder = "UTCVCA00002",
                                              .key = next_key.pkey(),
                                              .domain_parameters = true,
                                              .effective = kBegin,
                                              .expiration = kEnd},
                                             {chain.authority_key.pkey(), chain.authority.algorithm});
  const Key verifier_key("prime256v1");
  const std::string verifier = MakeCvCertificate({.authority = "UTCVCA00002",
                                                  .holder = "UTDVBORDER00002",
                                                  .key = verifier_key.pkey(),
                                                  .rights = kCvForeignVerifier | kCvReadsFingerprints,
                                                  .effective = kBegin,
                                                  .expiration = kEnd + 365},
                                                 {next_key.pkey()});
  const auto anchor = ReadCvCertificate(AsBytes(chain.files[0]));
  const std::vector<CvCertificate> certificates = {*ReadCvCertificate(AsBytes(link)),
                                                   *ReadCvCertificate(AsBytes(verifier))};
  const CvChainResult result = VerifyCvChain({.trust_points = {&*anchor, 1}, .chain = certificates, .day = kEnd + 30});
  EXPECT_EQ(result.state, CvChainState::kValid) << ToWord(result.reason);
}

TEST(CvCertificateTest, ReadsEveryField) {
  Chain chain;
  chain.terminal.extensions = Tlv(0x73, DerOid("0.4.0.127.0.7.3.1.3.1") + Tlv(0x80, "digest"));
  ASSERT_EQ(chain.Verify().state, CvChainState::kValid);
  const auto terminal = ReadCvCertificate(AsBytes(chain.files[2]));
  EXPECT_EQ(terminal->authority, "UTDVBORDER00001");
  EXPECT_EQ(terminal->holder, "UTIS000100001");
  EXPECT_EQ(terminal->authorization.role, CvRole::kTerminal);
  EXPECT_EQ(terminal->effective, kBegin);
  EXPECT_EQ(terminal->expiration, kEnd);
  EXPECT_EQ(terminal->extensions.size(), 1u);
  EXPECT_FALSE(terminal->key.has_domain_parameters);
}

TEST(CvCertificateTest, RefusesWrongDaysReferencesAndBytesAfterTheEnd) {
  Chain chain;
  const auto read = [&](CvCertificateRequest request) {
    const std::string file = MakeCvCertificate(request, {chain.authority_key.pkey(), chain.authority.algorithm});
    return ReadCvCertificate(AsBytes(file)).status();
  };
  EXPECT_TRUE(read(chain.authority).ok());
  CvCertificateRequest request = chain.authority;
  request.expiration = kBegin - 1;
  EXPECT_FALSE(read(request).ok());
  request = chain.authority;
  request.holder = "utCVCA00001";
  EXPECT_FALSE(read(request).ok());
  request.holder = "UTCVCA0000100001X";
  EXPECT_FALSE(read(request).ok()) << "seventeen characters";
  chain.Verify();
  EXPECT_FALSE(ReadCvCertificate(AsBytes(chain.files[0] + "x")).ok());
  EXPECT_FALSE(ReadCvCertificate(AsBytes(chain.files[0]).first(50)).ok());
}

TEST(CvRequestTest, IsSignedByItsOwnKeyAndByTheOneBefore) {
  Chain chain;
  chain.Verify();
  const auto authority = ReadCvCertificate(AsBytes(chain.files[0]));
  const CvIssuer before{chain.authority_key.pkey(), chain.authority.algorithm};
  const std::string file = MakeCvRequest(chain.verifier, &before);
  const auto request = ReadCvRequest(AsBytes(file));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_TRUE(VerifyCvRequest(*request, &authority->key).ok());
  EXPECT_FALSE(VerifyCvRequest(*request, nullptr).ok()) << "no domain parameters";
  const auto key = ResolveCvKey(authority->key, nullptr);
  EXPECT_TRUE(VerifyCvSignature(*key, request->outer_signed, request->outer_signature).ok());
  const std::string bare = MakeCvRequest(chain.verifier, nullptr);
  EXPECT_TRUE(ReadCvRequest(AsBytes(bare)).ok());
}

}  // namespace
}  // namespace gatehouse::emrtd::access
