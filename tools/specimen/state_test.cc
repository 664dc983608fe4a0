// The State's keys and certificates, judged by libcrypto and not by the code that made them.
#include "tools/specimen/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "tools/specimen/security_object_maker.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {
namespace {

using Certificate = std::shared_ptr<X509>;

const State& TestState() {
  static const State state = [] {
    const SeededCrypto seeded(7);
    return MakeState(7, absl::FromCivil(absl::CivilDay(2026, 11, 24), absl::UTCTimeZone()));
  }();
  return state;
}

const std::string& TrustFile(std::string_view path) {
  const auto& files = TestState().trust;
  return std::find_if(files.begin(), files.end(), [&](const File& file) { return file.path == path; })->bytes;
}

Certificate ParseCertificate(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return Certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())), X509_free);
}

bool SignedBy(const Certificate& certificate, const Certificate& issuer) {
  return X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
}

std::string KeyEncoding(const Certificate& certificate) {
  char encoding[32] = "";
  size_t size = 0;
  EVP_PKEY_get_utf8_string_param(X509_get0_pubkey(certificate.get()), OSSL_PKEY_PARAM_EC_ENCODING, encoding,
                                 sizeof(encoding), &size);
  return encoding;
}

Certificate SignerCertificate(SignerKind kind) { return TestState().signers.at(kind).identity.certificate; }

std::shared_ptr<X509_CRL> ParseCrl(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return {d2i_X509_CRL(nullptr, &bytes, static_cast<long>(der.size())), X509_CRL_free};
}

bool Revokes(const std::string& crl, SignerKind kind) {
  X509_REVOKED* entry = nullptr;
  return X509_CRL_get0_by_serial(ParseCrl(crl).get(), &entry, X509_get0_serialNumber(SignerCertificate(kind).get())) ==
         1;
}

TEST(State, EveryDocumentSignerVerifiesUnderItsAuthority) {
  const Certificate a = ParseCertificate(TrustFile("csca-a.der"));
  const Certificate b_new = ParseCertificate(TrustFile("csca-b-link.der"));
  const Certificate c = ParseCertificate(TrustFile("csca-c.der"));
  for (const SignerKind kind : {SignerKind::kRsa, SignerKind::kRsaPss, SignerKind::kRevoked, SignerKind::kExpired}) {
    EXPECT_TRUE(SignedBy(SignerCertificate(kind), a));
  }
  EXPECT_TRUE(SignedBy(SignerCertificate(SignerKind::kP256), b_new));
  EXPECT_TRUE(SignedBy(SignerCertificate(SignerKind::kBrainpool), c));
  for (const Certificate& known : {a, b_new, c}) EXPECT_FALSE(SignedBy(SignerCertificate(SignerKind::kUnknown), known));
  EXPECT_TRUE(SignedBy(SignerCertificate(SignerKind::kUnknown), ParseCertificate(TestState().untrusted.front().bytes)));
}

TEST(State, NewKeyOfTheRolloverIsReachedOnlyThroughItsLink) {
  const Certificate old_key = ParseCertificate(TrustFile("csca-b.der"));
  const Certificate link = ParseCertificate(TrustFile("csca-b-link.der"));
  EXPECT_TRUE(SignedBy(old_key, old_key));
  EXPECT_TRUE(SignedBy(link, old_key));
  EXPECT_FALSE(SignedBy(link, link));
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(old_key.get()), X509_get_subject_name(link.get())), 0);
  EXPECT_FALSE(SignedBy(SignerCertificate(SignerKind::kP256), old_key));
}

TEST(State, BrainpoolKeysCarryExplicitParameters) {
  EXPECT_EQ(KeyEncoding(ParseCertificate(TrustFile("csca-c.der"))), "explicit");
  EXPECT_EQ(KeyEncoding(SignerCertificate(SignerKind::kBrainpool)), "explicit");
  EXPECT_EQ(KeyEncoding(SignerCertificate(SignerKind::kP256)), "named_curve");
}

TEST(State, CertificatesFollowTheirProfiles) {
  for (const auto& [kind, signer] : TestState().signers) {
    X509* certificate = signer.identity.certificate.get();
    EXPECT_EQ(X509_get_key_usage(certificate), uint32_t{KU_DIGITAL_SIGNATURE}) << signer.description;
    EXPECT_EQ(X509_check_ca(certificate), 0) << signer.description;
    EXPECT_GE(X509_get_ext_by_NID(certificate, NID_private_key_usage_period, -1), 0) << signer.description;
    EXPECT_NE(X509_get0_authority_key_id(certificate), nullptr) << signer.description;
  }
  for (const char* path : {"csca-a.der", "csca-b.der", "csca-b-link.der", "csca-c.der"}) {
    const Certificate authority = ParseCertificate(TrustFile(path));
    EXPECT_EQ(X509_get_key_usage(authority.get()), uint32_t{KU_KEY_CERT_SIGN | KU_CRL_SIGN}) << path;
    EXPECT_EQ(X509_check_ca(authority.get()), 1) << path;
    EXPECT_EQ(X509_get_pathlen(authority.get()), 0) << path;
  }
}

TEST(State, OnlyTheExpiredSignerIsExpired) {
  const time_t at = absl::ToTimeT(TestState().at);
  for (const auto& [kind, signer] : TestState().signers) {
    const X509* certificate = signer.identity.certificate.get();
    time_t check_time = at;
    const bool ended = X509_cmp_time(X509_get0_notAfter(certificate), &check_time) < 0;
    EXPECT_LT(X509_cmp_time(X509_get0_notBefore(certificate), &check_time), 0) << signer.description;
    EXPECT_EQ(ended, kind == SignerKind::kExpired) << signer.description;
  }
}

TEST(State, OneSignerIsRevokedOnAFreshList) {
  EXPECT_TRUE(Revokes(TrustFile("utopia.crl"), SignerKind::kRevoked));
  EXPECT_FALSE(Revokes(TrustFile("utopia.crl"), SignerKind::kRsa));
  EXPECT_FALSE(Revokes(TrustFile("utopia-b.crl"), SignerKind::kP256));
  const std::pair<const char*, const char*> kIssued[] = {
      {"utopia.crl", "csca-a.der"}, {"utopia-b.crl", "csca-b-link.der"}, {"utopia-c.crl", "csca-c.der"}};
  for (const auto& [list, authority] : kIssued) {
    const auto crl = ParseCrl(TrustFile(list));
    EXPECT_EQ(X509_CRL_verify(crl.get(), X509_get0_pubkey(ParseCertificate(TrustFile(authority)).get())), 1) << list;
    time_t at = absl::ToTimeT(TestState().at);
    EXPECT_LT(X509_cmp_time(X509_CRL_get0_lastUpdate(crl.get()), &at), 0) << list;
    EXPECT_GT(X509_cmp_time(X509_CRL_get0_nextUpdate(crl.get()), &at), 0) << list;
  }
}

TEST(State, MasterListVerifiesAndHoldsTheTrustedAuthorities) {
  const std::string& der = TrustFile("utopia.ml");
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::shared_ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &bytes, static_cast<long>(der.size())),
                                             CMS_ContentInfo_free);
  ASSERT_NE(cms, nullptr);
  EXPECT_EQ(CMS_verify(cms.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);
  char type[32];
  OBJ_obj2txt(type, sizeof(type), CMS_get0_eContentType(cms.get()), 1);
  EXPECT_STREQ(type, "2.23.136.1.1.2");

  STACK_OF(X509)* signers = CMS_get0_signers(cms.get());
  ASSERT_EQ(sk_X509_num(signers), 1);
  X509* signer = sk_X509_value(signers, 0);
  EXPECT_EQ(X509_verify(signer, X509_get0_pubkey(ParseCertificate(TrustFile("csca-a.der")).get())), 1);
  EXPECT_GE(X509_get_ext_by_NID(signer, NID_ext_key_usage, -1), 0);
  sk_X509_free(signers);

  const ASN1_STRING* content = *CMS_get0_content(cms.get());
  const std::string list(reinterpret_cast<const char*>(ASN1_STRING_get0_data(content)),
                         static_cast<size_t>(ASN1_STRING_length(content)));
  for (const char* path : {"csca-a.der", "csca-b.der", "csca-b-link.der", "csca-c.der"}) {
    EXPECT_THAT(list, testing::HasSubstr(TrustFile(path))) << path;
  }
  EXPECT_THAT(list, testing::Not(testing::HasSubstr(TestState().untrusted.front().bytes)));
}

TEST(SecurityObject, TakesTheFormItsSignerHas) {
  for (const auto& [kind, signer] : TestState().signers) {
    const std::string file = MakeSecurityObject({.data_groups = {{1, "one"}, {2, "two"}},
                                                 .lds_version = signer.lds_version,
                                                 .signing_time = TestState().at,
                                                 .signer_id = signer.signer_id,
                                                 .padding = signer.padding},
                                                signer.identity);
    ASSERT_EQ(file[0], 0x77);
    const auto* bytes = reinterpret_cast<const unsigned char*>(file.data()) + 4;  // tag, length of two octets
    const std::shared_ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &bytes, static_cast<long>(file.size() - 4)),
                                               CMS_ContentInfo_free);
    ASSERT_NE(cms, nullptr) << signer.description;
    ASSERT_EQ(CMS_verify(cms.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);

    CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
    ASN1_OCTET_STRING* key_id = nullptr;
    CMS_SignerInfo_get0_signer_id(info, &key_id, nullptr, nullptr);
    EXPECT_EQ(key_id != nullptr, signer.signer_id == SignerId::kKeyIdentifier) << signer.description;
    EXPECT_GE(CMS_signed_get_attr_by_NID(info, NID_pkcs9_signingTime, -1), 0) << signer.description;

    X509_ALGOR* signature = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, nullptr, nullptr, &signature);
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, signature);
    EXPECT_EQ(OBJ_obj2nid(algorithm) == NID_rsassaPss, kind == SignerKind::kRsaPss) << signer.description;

    const unsigned char* content = ASN1_STRING_get0_data(*CMS_get0_content(cms.get()));
    EXPECT_EQ(content[4], signer.lds_version == LdsVersion::k0108 ? 1 : 0) << signer.description;  // 30 len 02 01 v
  }
}

TEST(SeededRandom, StreamsAreRepeatableAndApart) {
  const auto first = [](uint64_t seed, std::string_view stream, uint64_t index) {
    return SeededRandom(seed, stream, index).Below(uint64_t{1} << 40);
  };
  EXPECT_EQ(first(1, "traveller", 3), first(1, "traveller", 3));
  EXPECT_NE(first(1, "traveller", 3), first(1, "traveller", 4));
  EXPECT_NE(first(1, "traveller", 3), first(1, "faults", 3));
  EXPECT_NE(first(1, "traveller", 3), first(2, "traveller", 3));
}

TEST(SeededCrypto, GivesKeysBackForTheSeedAndChanceAfterwards) {
  const auto key = [](uint64_t seed) {
    const SeededCrypto seeded(seed);
    return MakeKeyPair(KeyKind::kP256);
  };
  EXPECT_EQ(EVP_PKEY_eq(key(5).pkey.get(), key(5).pkey.get()), 1);
  EXPECT_NE(EVP_PKEY_eq(key(5).pkey.get(), key(6).pkey.get()), 1);
  EXPECT_NE(EVP_PKEY_eq(MakeKeyPair(KeyKind::kP256).pkey.get(), MakeKeyPair(KeyKind::kP256).pkey.get()), 1);
}

}  // namespace
}  // namespace gatehouse::specimen
