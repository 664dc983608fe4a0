#include "libs/pki/certificate_check.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

struct CertificateCheckTest : testing::Test {
  static CertificatePtr Parse(std::string_view der) { return *Certificate::Parse(AsBytes(der)); }

  CertificatePtr Make(const CertificateRequest& request, const Key& issuer_key, const Key& key) {
    CertificateRequest copy = request;
    copy.key_info = key.info;
    return Parse(MakeCertificate(copy, issuer_key));
  }
  void AddCrl(CrlRequest request) {
    request.algorithm = DefaultAlgorithm("prime256v1");
    builder_.AddCrl(*CertificateRevocationList::Parse(AsBytes(MakeCrl(request, key_))));
  }
  CertificateCheck Check(const CertificatePtr& certificate) {
    TrustStore::Builder builder = builder_;
    return CheckCertificate(*builder.Build(), certificate, check_time_);
  }

  Key key_{"prime256v1"}, other_key_{"prime256v1"}, signer_key_{"prime256v1"};
  CertificateRequest authority_{.subject = Name("UT", "CSCA"),
                                .not_before = "190101000000Z",
                                .not_after = "350101000000Z",
                                .subject_key_identifier = "key",
                                .authority_key_identifier = "key",
                                .authority = true,
                                .key_usage = 0x06,
                                .algorithm = DefaultAlgorithm("prime256v1")};
  CertificateRequest signer_{
      .serial = 7, .authority_key_identifier = "key", .key_usage = 0x80, .algorithm = DefaultAlgorithm("prime256v1")};
  TrustStore::Builder builder_;
  absl::Time check_time_ = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());
};

TEST_F(CertificateCheckTest, ASignerOfATrustedAuthorityIsValidAndNamesItsIssuer) {
  const CertificatePtr authority = Make(authority_, key_, key_);
  builder_.AddCertificate(authority);
  const CertificateCheck check = Check(Make(signer_, key_, signer_key_));
  EXPECT_EQ(check.overall, CertificateOverall::kValid) << check.reason;
  ASSERT_NE(check.issuer, nullptr);
  EXPECT_EQ(check.issuer->fingerprint_text(), authority->fingerprint_text());
}

// Nothing that is not known may make a certificate invalid, and nothing that is not known may make it valid.
TEST_F(CertificateCheckTest, ASignerOfAnUnknownKeyIsUndetermined) {
  const CertificatePtr signer = Make(signer_, other_key_, signer_key_);
  EXPECT_EQ(Check(signer).overall, CertificateOverall::kUndetermined) << "no authority of the name";

  authority_.subject_key_identifier = authority_.authority_key_identifier = "another key of the name";
  builder_.AddCertificate(Make(authority_, key_, key_));
  EXPECT_EQ(Check(signer).overall, CertificateOverall::kUndetermined) << "the country may have changed its key";

  signer_.authority_key_identifier.clear();
  const CertificateCheck nameless = Check(Make(signer_, other_key_, signer_key_));
  EXPECT_EQ(nameless.overall, CertificateOverall::kUndetermined) << "it does not say which key";
  EXPECT_EQ(nameless.issuer, nullptr);
  EXPECT_FALSE(nameless.reason.empty());
}

TEST_F(CertificateCheckTest, ASignatureThatIsNotOfTheKeyItNamesIsInvalid) {
  builder_.AddCertificate(Make(authority_, key_, key_));
  const CertificateCheck check = Check(Make(signer_, other_key_, signer_key_));
  EXPECT_EQ(check.verdict.signature, SignatureState::kInvalid);
  EXPECT_EQ(check.overall, CertificateOverall::kInvalid);
}

TEST_F(CertificateCheckTest, TimeAndRevocationAreToldApart) {
  struct Case {
    const char* what;
    void (*change)(CertificateCheckTest&);
    CertificateOverall overall;
  };
  const Case kCases[] = {
      {"expired", [](CertificateCheckTest& t) { t.signer_.not_after = "250101000000Z"; },
       CertificateOverall::kValidExpiredChain},
      {"issuer expired", [](CertificateCheckTest& t) { t.authority_.not_after = "250101000000Z"; },
       CertificateOverall::kValidExpiredChain},
      {"not yet valid", [](CertificateCheckTest& t) { t.signer_.not_before = "270101000000Z"; },
       CertificateOverall::kInvalid},
      {"an issuer that may not issue", [](CertificateCheckTest& t) { t.authority_.key_usage = 0x02; },
       CertificateOverall::kInvalid},
      {"a fresh list without it", [](CertificateCheckTest& t) { t.AddCrl({}); }, CertificateOverall::kValid},
      {"revoked", [](CertificateCheckTest& t) { t.AddCrl({.serials = {7}}); }, CertificateOverall::kInvalid},
      {"a stale list", [](CertificateCheckTest& t) { t.AddCrl({.next_update = "260610000000Z"}); },
       CertificateOverall::kUndetermined},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    const CertificateRequest authority = authority_, signer = signer_;
    builder_ = {};
    one.change(*this);
    builder_.AddCertificate(Make(authority_, key_, key_));
    const CertificateCheck check = Check(Make(signer_, key_, signer_key_));
    EXPECT_EQ(check.overall, one.overall) << ToWord(check.overall) << " " << check.reason;
    authority_ = authority;
    signer_ = signer;
  }
}

TEST_F(CertificateCheckTest, AnAuthorityIsJudgedAsOne) {
  const CertificatePtr authority = Make(authority_, key_, key_);
  CertificateCheck check = Check(authority);
  EXPECT_EQ(check.role, CertificateRole::kAuthority);
  EXPECT_EQ(check.overall, CertificateOverall::kUndetermined) << "whole, and nobody trusts it";
  EXPECT_EQ(Check(Make(authority_, other_key_, key_)).overall, CertificateOverall::kInvalid);
  builder_.AddCertificate(authority);
  EXPECT_EQ(Check(authority).overall, CertificateOverall::kValid);
}

TEST_F(CertificateCheckTest, TheSignerOfAListIsNoDocumentSignerAndJudgedApart) {
  builder_.AddCertificate(Make(authority_, key_, key_));
  signer_.further_extensions.push_back(
      Extension(oid::kExtendedKeyUsage, true, Sequence({ObjectId(oid::kMasterListSigning)})));
  const CertificatePtr signer = Make(signer_, key_, signer_key_);
  const CertificateCheck check = Check(signer);
  EXPECT_EQ(check.role, CertificateRole::kMasterListSigner);
  EXPECT_EQ(check.overall, CertificateOverall::kValid) << check.reason;
  TrustStore::Builder builder = builder_;
  EXPECT_EQ(builder.Build()->Judge(signer)->chain, ChainState::kInvalid) << "it may not sign documents";
}

}  // namespace
}  // namespace gatehouse::pki
