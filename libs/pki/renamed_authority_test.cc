// An authority that changes its name goes on revoking: its lists bear the new name and speak of signers under the old.
#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

constexpr int kSerial = 77;
const std::string kOldName = Name("UT", "Old Authority"), kNewName = Name("UT", "New Authority");
const absl::Time kToday = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());

class RenamedAuthorityTest : public testing::Test {
 protected:
  CertificateRequest Authority(const std::string& issuer, const std::string& subject, const Key& key,
                               const std::string& identifier) const {
    return {.issuer = issuer,
            .subject = subject,
            .not_after = "350101000000Z",
            .key_info = key.info,
            .subject_key_identifier = identifier,
            .authority = true,
            .key_usage = 0x06,
            .algorithm = algorithm_};
  }
  static CertificatePtr Parse(const std::string& der) { return *Certificate::Parse(AsBytes(der)); }
  CertificatePtr OldAnchor() const {
    return Parse(MakeCertificate(Authority(kOldName, kOldName, old_key_, "old"), old_key_));
  }
  // Issued in the old name for the new one.
  CertificatePtr Link(const Key& signed_by) const {
    return Parse(MakeCertificate(Authority(kOldName, kNewName, new_key_, "new"), signed_by));
  }
  CertificatePtr Signer() const {
    return Parse(MakeCertificate({.issuer = kOldName,
                                  .serial = kSerial,
                                  .key_info = old_key_.info,
                                  .authority_key_identifier = "old",
                                  .key_usage = 0x80,
                                  .algorithm = algorithm_},
                                 old_key_));
  }
  CrlPtr List(const std::string& issuer, const Key& key, const std::vector<int>& serials,
              const std::string& this_update = "260601000000Z",
              const std::string& next_update = "270101000000Z") const {
    const std::string der = MakeCrl({.issuer = issuer,
                                     .this_update = this_update,
                                     .next_update = next_update,
                                     .serials = serials,
                                     .algorithm = algorithm_},
                                    key);
    return *CertificateRevocationList::Parse(AsBytes(der));
  }
  RevocationAnswer Ask(const std::vector<CertificatePtr>& authorities, const std::vector<CrlPtr>& lists) const {
    TrustStore::Builder builder;
    for (const CertificatePtr& authority : authorities) builder.AddCertificate(authority);
    for (const CrlPtr& list : lists) builder.AddCrl(list);
    return builder.Build()->Revocation(*Signer(), kToday);
  }

  SignatureAlgorithm algorithm_ = DefaultAlgorithm("prime256v1");
  Key old_key_{"prime256v1"}, new_key_{"prime256v1"}, alien_key_{"prime256v1"};
};

TEST_F(RenamedAuthorityTest, AListInTheNewNameRevokesAndClears) {
  const std::vector<CertificatePtr> authorities = {OldAnchor(), Link(old_key_)};
  const RevocationAnswer revoked = Ask(authorities, {List(kNewName, new_key_, {kSerial})});
  EXPECT_EQ(revoked.state, RevocationState::kRevoked);
  ASSERT_NE(revoked.entry, nullptr);
  EXPECT_EQ(Ask(authorities, {List(kNewName, new_key_, {5})}).state, RevocationState::kGood);

  // The last list in the old name, from before the change, has run out.
  const CrlPtr last = List(kOldName, old_key_, {5}, "240101000000Z", "240401000000Z");
  EXPECT_EQ(Ask(authorities, {last}).state, RevocationState::kUndetermined);
  EXPECT_EQ(Ask(authorities, {last, List(kNewName, new_key_, {5})}).state, RevocationState::kGood);
  EXPECT_EQ(Ask(authorities, {last, List(kNewName, new_key_, {kSerial})}).state, RevocationState::kRevoked);
}

TEST_F(RenamedAuthorityTest, SilenceInTheNewNameTakesNothingBack) {
  const CrlPtr last = List(kOldName, old_key_, {kSerial}, "240101000000Z", "240401000000Z");
  const RevocationAnswer answer = Ask({OldAnchor(), Link(old_key_)}, {last, List(kNewName, new_key_, {})});
  EXPECT_EQ(answer.state, RevocationState::kUndetermined);
  EXPECT_TRUE(answer.listed_on_stale_crl);
}

// A list of the new name that has run out says nothing of signers who never came under it, unless it lists them.
TEST_F(RenamedAuthorityTest, AStaleListInTheNewNameOnlyRevokes) {
  const std::vector<CertificatePtr> authorities = {OldAnchor(), Link(old_key_)};
  const auto stale = [&](const std::vector<int>& serials) {
    return List(kNewName, new_key_, serials, "240101000000Z", "240401000000Z");
  };
  EXPECT_EQ(Ask(authorities, {stale({5})}).state, RevocationState::kNoCrl);
  const RevocationAnswer listed = Ask(authorities, {stale({kSerial})});
  EXPECT_EQ(listed.state, RevocationState::kUndetermined);
  EXPECT_TRUE(listed.listed_on_stale_crl);
}

TEST_F(RenamedAuthorityTest, OneKeyInTwoNamesIsOneAuthority) {
  const CertificatePtr renamed = Parse(MakeCertificate(Authority(kNewName, kNewName, old_key_, "old"), old_key_));
  const CrlPtr list = List(kNewName, old_key_, {kSerial});
  EXPECT_EQ(Ask({OldAnchor(), renamed}, {list}).state, RevocationState::kRevoked);
  EXPECT_EQ(Ask({renamed}, {list}).state, RevocationState::kRevoked) << "the old certificate is not here";
}

TEST_F(RenamedAuthorityTest, AnotherAuthorityOfTheCountryIsNotAsked) {
  const CertificatePtr other = Parse(MakeCertificate(Authority(kNewName, kNewName, new_key_, "new"), new_key_));
  const CrlPtr list = List(kNewName, new_key_, {kSerial});
  EXPECT_EQ(Ask({OldAnchor(), other}, {list}).state, RevocationState::kNoCrl) << "nothing leads from name to name";
  EXPECT_EQ(Ask({OldAnchor(), Link(alien_key_), other}, {list}).state, RevocationState::kNoCrl) << "a forged link";
  // One key identifier is not one key.
  const CertificatePtr namesake = Parse(MakeCertificate(Authority(kNewName, kNewName, new_key_, "old"), new_key_));
  EXPECT_EQ(Ask({OldAnchor(), namesake}, {list}).state, RevocationState::kNoCrl);
  EXPECT_EQ(Ask({namesake}, {list}).state, RevocationState::kNoCrl);
}

}  // namespace
}  // namespace gatehouse::pki
