#include "libs/pki/trust_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

class TrustStoreTest : public testing::Test {
 protected:
  static CertificateRequest Request(const Key& key) {
    return {.key_info = key.info, .algorithm = DefaultAlgorithm("prime256v1")};
  }
  // An authority in the common name, for `key`, signed by `issuer`.
  std::string Authority(const Key& key, const std::string& identifier, const Key& issuer,
                        const std::string& issuer_identifier) {
    CertificateRequest request = Request(key);
    request.subject = request.issuer;
    request.serial = ++serial_;
    request.subject_key_identifier = identifier;
    request.authority_key_identifier = issuer_identifier;
    request.authority = true;
    request.key_usage = 0x06;
    return MakeCertificate(request, issuer);
  }
  std::string Signer(const Key& issuer, const std::string& issuer_identifier) {
    CertificateRequest request = Request(signer_key_);
    request.key_usage = 0x80;
    request.authority_key_identifier = issuer_identifier;
    return MakeCertificate(request, issuer);
  }
  void Add(std::string_view der) { builder_.AddCertificate(*Certificate::Parse(AsBytes(der))); }

  Key old_key_{"prime256v1"}, new_key_{"prime256v1"}, signer_key_{"prime256v1"};
  TrustStore::Builder builder_;
  int serial_ = 10;
};

TEST_F(TrustStoreTest, TriesEveryAuthorityOfTheNameWithoutAKeyIdentifier) {
  Add(Authority(old_key_, "old", old_key_, "old"));
  Add(Authority(new_key_, "new", new_key_, "new"));
  const auto trust = builder_.Build();
  EXPECT_EQ(trust->anchor_count(), 2u);
  EXPECT_EQ((*trust->Judge(AsBytes(Signer(new_key_, ""))))->chain, ChainState::kValid);
  EXPECT_EQ((*trust->Judge(AsBytes(Signer(old_key_, ""))))->chain, ChainState::kValid);
}

TEST_F(TrustStoreTest, FollowsALinkToTheAnchor) {
  Add(Authority(old_key_, "old", old_key_, "old"));
  Add(Authority(new_key_, "new", old_key_, "old"));
  const auto trust = builder_.Build();
  EXPECT_EQ(trust->anchor_count(), 1u) << "a link is no anchor";
  const SignerVerdictPtr verdict = *trust->Judge(AsBytes(Signer(new_key_, "new")));
  EXPECT_EQ(verdict->chain, ChainState::kValid) << verdict->reason;
  ASSERT_EQ(verdict->paths.size(), 1u);
  EXPECT_EQ(verdict->paths[0].size(), 2u);
}

TEST_F(TrustStoreTest, ALinkAloneIsNoAnchor) {
  Add(Authority(new_key_, "new", old_key_, "old"));
  const SignerVerdictPtr verdict = *builder_.Build()->Judge(AsBytes(Signer(new_key_, "new")));
  EXPECT_EQ(verdict->signature, SignatureState::kValid);
  EXPECT_EQ(verdict->chain, ChainState::kNoTrustAnchor);
}

TEST_F(TrustStoreTest, LinksThatCircleEnd) {
  Add(Authority(new_key_, "new", old_key_, "old"));
  Add(Authority(old_key_, "old", new_key_, "new"));
  EXPECT_EQ((*builder_.Build()->Judge(AsBytes(Signer(new_key_, "new"))))->chain, ChainState::kNoTrustAnchor);
}

TEST_F(TrustStoreTest, AMissingKeyIsUnknownAndAWrongSignatureIsInvalid) {
  Add(Authority(old_key_, "old", old_key_, "old"));
  const auto trust = builder_.Build();
  const SignerVerdictPtr unknown = *trust->Judge(AsBytes(Signer(new_key_, "new")));
  EXPECT_EQ(unknown->signature, SignatureState::kUndetermined) << "the country may have changed its key";
  EXPECT_EQ(unknown->chain, ChainState::kNoTrustAnchor);
  const SignerVerdictPtr forged = *trust->Judge(AsBytes(Signer(new_key_, "old")));
  EXPECT_EQ(forged->signature, SignatureState::kInvalid);
  EXPECT_EQ(forged->chain, ChainState::kInvalid);
}

TEST_F(TrustStoreTest, ASignerGivenAsTrustServesLookUpOnly) {
  const std::string signer = Signer(old_key_, "old");
  Add(signer);
  const auto trust = builder_.Build();
  EXPECT_EQ(trust->signer_count(), 1u);
  EXPECT_EQ(trust->anchor_count(), 0u);
  EXPECT_EQ((*trust->Judge(AsBytes(signer)))->chain, ChainState::kNoTrustAnchor);
}

TEST_F(TrustStoreTest, TheVersionIsThatOfTheContent) {
  const std::string a = Authority(old_key_, "old", old_key_, "old"), b = Authority(new_key_, "new", new_key_, "new");
  Add(a);
  Add(b);
  const std::string version = builder_.Build()->version();
  Add(b);
  Add(a);
  Add(a);
  EXPECT_EQ(builder_.Build()->version(), version);
  Add(a);
  EXPECT_NE(builder_.Build()->version(), version);
}

TEST_F(TrustStoreTest, JudgesOnceAndFromAnyThread) {
  Add(Authority(old_key_, "old", old_key_, "old"));
  const auto trust = builder_.Build();
  const std::string signer = Signer(old_key_, "old");
  const SignerVerdictPtr first = *trust->Judge(AsBytes(signer));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) EXPECT_EQ(*trust->Judge(AsBytes(signer)), first);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(TrustStoreTest, ARevocationListOfTheNewKeyServesTheOldOne) {
  Add(Authority(old_key_, "old", old_key_, "old"));
  Add(Authority(new_key_, "new", old_key_, "old"));
  CrlRequest request{.serials = {1}, .algorithm = DefaultAlgorithm("prime256v1")};
  builder_.AddCrl(*CertificateRevocationList::Parse(AsBytes(MakeCrl(request, new_key_))));
  const auto trust = builder_.Build();
  const CertificatePtr signer = (*trust->Judge(AsBytes(Signer(old_key_, "old"))))->signer;
  const absl::Time check = absl::FromCivil(absl::CivilDay(2026, 7, 1), absl::UTCTimeZone());
  EXPECT_EQ(trust->Revocation(*signer, check).state, RevocationState::kRevoked);
  const RevocationAnswer stale = trust->Revocation(*signer, check + absl::Hours(24 * 365));
  EXPECT_EQ(stale.state, RevocationState::kUndetermined);
  EXPECT_TRUE(stale.listed_on_stale_crl);
  EXPECT_EQ(trust->Revocation(*signer, check - absl::Hours(24 * 365)).state, RevocationState::kUndetermined);
}

TEST_F(TrustStoreTest, TheNewestRevocationListInForceDecidesInAnyOrder) {
  const SignatureAlgorithm algorithm = DefaultAlgorithm("prime256v1");
  const std::string authority = Authority(old_key_, "old", old_key_, "old");
  const CrlRequest old_list{.this_update = "260401000000Z", .next_update = "260901000000Z", .algorithm = algorithm};
  const CrlRequest current{.this_update = "260601000000Z", .serials = {1}, .algorithm = algorithm};
  const CrlRequest later{.this_update = "260801000000Z", .algorithm = algorithm};
  std::vector<std::string> lists;
  for (const CrlRequest& request : {old_list, current, later}) lists.push_back(MakeCrl(request, old_key_));
  std::sort(lists.begin(), lists.end());
  do {
    Add(authority);
    for (const std::string& list : lists) builder_.AddCrl(*CertificateRevocationList::Parse(AsBytes(list)));
    const auto trust = builder_.Build();
    const CertificatePtr signer = (*trust->Judge(AsBytes(Signer(old_key_, "old"))))->signer;
    const absl::Time check = absl::FromCivil(absl::CivilDay(2026, 7, 1), absl::UTCTimeZone());
    EXPECT_EQ(trust->Revocation(*signer, check).state, RevocationState::kRevoked);
  } while (std::next_permutation(lists.begin(), lists.end()));
}

TEST_F(TrustStoreTest, ASelfIssuedSignerIsStillAnAuthorityThatMayNotIssue) {
  CertificateRequest request = Request(old_key_);
  request.subject = request.issuer;
  request.authority = false;
  Add(MakeCertificate(request, old_key_));
  const auto trust = builder_.Build();
  EXPECT_EQ((*trust->Judge(AsBytes(Signer(old_key_, ""))))->chain, ChainState::kInvalid);
  EXPECT_EQ(trust->SignersOfSerial(AsBytes("\x01")).size(), 1u);
}

TEST_F(TrustStoreTest, FindsTheSignersOfSealsBySerialAndByFingerprint) {
  // In the name of its issuer, as signers of seals are, and no authority by its own word.
  CertificateRequest request = Request(signer_key_);
  request.subject = request.issuer;
  request.serial = 0x9A;
  request.authority = false;
  const std::string der = MakeCertificate(request, old_key_);
  Add(der);
  const auto trust = builder_.Build();
  EXPECT_EQ(trust->Judge(*Certificate::Parse(AsBytes(der)))->chain, ChainState::kNoTrustAnchor)
      << "it is not its own issuer";
  ASSERT_EQ(trust->SignersOfSerial(AsBytes("\x9A")).size(), 1u);
  EXPECT_EQ(trust->SignersOfSerial(AsBytes(std::string_view("\0\x9A", 2))).size(), 1u);
  EXPECT_TRUE(trust->SignersOfSerial(AsBytes("\x9B")).empty());
  const DigestValue fingerprint = ComputeDigest(Digest::kSha1, AsBytes(der));
  EXPECT_EQ(trust->SignersOfFingerprintTail(fingerprint.bytes().last(5)).size(), 1u);
  EXPECT_TRUE(trust->SignersOfFingerprintTail(fingerprint.bytes().first(5)).empty());
}

}  // namespace
}  // namespace gatehouse::pki
