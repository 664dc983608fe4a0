// Authorities of one name: whose list revokes, whose clears, in whatever order they lie and on whatever date.
#include "libs/pki/revocation.h"

#include <gtest/gtest.h>

#include "libs/pki/certificate_check.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_snapshot.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

constexpr int kSerial = 77;

absl::Time Day(int month, int day) { return absl::FromCivil(absl::CivilDay(2026, month, day), absl::UTCTimeZone()); }

class NamesakesTest : public testing::Test {
 protected:
  static CertificatePtr Parse(const std::string& der) { return *Certificate::Parse(AsBytes(der)); }
  // In the one name that all bear. Key identifiers are the same too: nothing but the signature tells the keys apart.
  CertificatePtr Authority(const Key& key, const Key& signed_by) const {
    return Parse(MakeCertificate({.subject = Name("UT", "CSCA"),
                                  .not_after = "350101000000Z",
                                  .key_info = key.info,
                                  .authority = true,
                                  .key_usage = 0x06,
                                  .algorithm = algorithm_},
                                 signed_by));
  }
  CertificatePtr SignerOf(const Key& key) const {
    return Parse(MakeCertificate(
        {.serial = kSerial, .key_info = signer_key_.info, .key_usage = 0x80, .algorithm = algorithm_}, key));
  }
  CrlPtr List(const Key& key, const std::vector<int>& serials, const std::string& from = "260601000000Z",
              const std::string& until = "260901000000Z") const {
    return *CertificateRevocationList::Parse(AsBytes(
        MakeCrl({.this_update = from, .next_update = until, .serials = serials, .algorithm = algorithm_}, key)));
  }
  static std::shared_ptr<const TrustStore> Store(const std::vector<CertificatePtr>& authorities,
                                                 const std::vector<CrlPtr>& lists) {
    TrustStore::Builder builder;
    for (const CertificatePtr& authority : authorities) builder.AddCertificate(authority);
    for (const CrlPtr& list : lists) builder.AddCrl(list);
    return builder.Build();
  }
  static bool LiesBefore(const CrlPtr& one, const CrlPtr& other) {
    return AsText(one->fingerprint.bytes()) < AsText(other->fingerprint.bytes());
  }

  // The answer about a signer of `own_` on a day, the same whichever of two lists lies first: each signature is another
  // one, so both orders come by making them again.
  template <typename MakeList, typename MakeOther>
  RevocationAnswer InBothOrders(const std::vector<CertificatePtr>& authorities, absl::Time day, MakeList make,
                                MakeOther make_other) const {
    RevocationAnswer answer;
    bool seen[2] = {};
    for (int i = 0; i < 200 && !(seen[0] && seen[1]); ++i) {
      const CrlPtr one = make(), other = make_other();
      const RevocationAnswer now = Store(authorities, {one, other})->Revocation(*SignerOf(own_), day);
      if (i > 0) {
        EXPECT_EQ(ToWord(now.state), ToWord(answer.state));
        EXPECT_EQ(now.crl_of_another_key, answer.crl_of_another_key);
        EXPECT_EQ(now.crl->this_update, answer.crl->this_update);
        EXPECT_EQ(now.entry == nullptr, answer.entry == nullptr);
      }
      seen[LiesBefore(one, other) ? 0 : 1] = true;
      answer = now;
    }
    EXPECT_TRUE(seen[0] && seen[1]);
    return answer;
  }

  const SignatureAlgorithm algorithm_ = DefaultAlgorithm("prime256v1");
  const Key own_{"prime256v1"}, other_{"prime256v1"}, third_{"prime256v1"}, signer_key_{"prime256v1"};
};

TEST_F(NamesakesTest, WhatTheOwnListHoldsIsRevokedWhateverTheNamesakesListSays) {
  const std::vector<CertificatePtr> authorities = {Authority(own_, own_), Authority(other_, other_)};
  for (const char* date : {"260501000000Z", "260601000000Z", "260615000000Z"}) {
    SCOPED_TRACE(date);
    const RevocationAnswer answer = InBothOrders(
        authorities, Day(6, 20), [&] { return List(own_, {kSerial}); }, [&] { return List(other_, {}, date); });
    EXPECT_EQ(answer.state, RevocationState::kRevoked);
    ASSERT_NE(answer.entry, nullptr);
  }
}

TEST_F(NamesakesTest, WhatANamesakesListHoldsIsRevoked) {
  const std::vector<CertificatePtr> authorities = {Authority(own_, own_), Authority(other_, other_)};
  for (const char* date : {"260501000000Z", "260601000000Z", "260615000000Z"}) {
    SCOPED_TRACE(date);
    EXPECT_EQ(
        InBothOrders(
            authorities, Day(6, 20), [&] { return List(own_, {}, date); }, [&] { return List(other_, {kSerial}); })
            .state,
        RevocationState::kRevoked);
  }
}

TEST_F(NamesakesTest, OnlyTheOwnListClears) {
  const std::vector<CertificatePtr> authorities = {Authority(own_, own_), Authority(other_, other_)};
  for (const char* date : {"260501000000Z", "260601000000Z", "260615000000Z"}) {
    SCOPED_TRACE(date);
    EXPECT_EQ(InBothOrders(
                  authorities, Day(6, 20), [&] { return List(own_, {5}, date); }, [&] { return List(other_, {6}); })
                  .state,
              RevocationState::kGood);
    // The own one has run out, or is not yet in force; the namesake's is current.
    const RevocationAnswer stale = InBothOrders(
        authorities, Day(6, 20), [&] { return List(own_, {5}, "260101000000Z", "260401000000Z"); },
        [&] { return List(other_, {6}, date); });
    EXPECT_EQ(stale.state, RevocationState::kUndetermined);
    EXPECT_FALSE(stale.crl_of_another_key);
    EXPECT_EQ(InBothOrders(
                  authorities, Day(6, 20), [&] { return List(own_, {5}, "260701000000Z"); },
                  [&] { return List(other_, {6}, date); })
                  .state,
              RevocationState::kUndetermined);
  }
}

TEST_F(NamesakesTest, ANamesakesListAloneProvesNothingAndSaysSo) {
  const auto store = Store({Authority(own_, own_), Authority(other_, other_)}, {List(other_, {5})});
  const CertificatePtr signer = SignerOf(own_);
  const RevocationAnswer answer = store->Revocation(*signer, Day(6, 20));
  EXPECT_EQ(answer.state, RevocationState::kUndetermined);
  EXPECT_TRUE(answer.crl_of_another_key);
  EXPECT_FALSE(answer.listed_on_stale_crl);
  EXPECT_NE(DescribeUndetermined(answer).find("of another key"), std::string::npos);
  const CertificateCheck check = CheckCertificate(*store, signer, Day(6, 20));
  EXPECT_EQ(check.overall, CertificateOverall::kUndetermined);
  EXPECT_NE(check.reason.find("of another key"), std::string::npos) << check.reason;
  // Nor when the authority that issued it is not held at all.
  EXPECT_EQ(Store({Authority(other_, other_)}, {List(other_, {5})})->Revocation(*signer, Day(6, 20)).state,
            RevocationState::kUndetermined);
}

TEST_F(NamesakesTest, TheListOfTheKeyThatCameAfterSpeaksForTheKeyBefore) {
  const CertificatePtr first = Authority(own_, own_), link = Authority(other_, own_),
                       second_link = Authority(third_, other_);
  const CertificatePtr signer = SignerOf(own_), later_signer = SignerOf(third_);
  const auto ask = [&](const std::vector<CrlPtr>& lists, const Certificate& about) {
    return Store({first, link, second_link}, lists)->Revocation(about, Day(6, 20)).state;
  };
  EXPECT_EQ(ask({List(other_, {5})}, *signer), RevocationState::kGood);
  EXPECT_EQ(ask({List(third_, {5})}, *signer), RevocationState::kGood) << "over two changes of keys";
  EXPECT_EQ(ask({List(third_, {kSerial})}, *signer), RevocationState::kRevoked);
  EXPECT_EQ(ask({List(own_, {5})}, *later_signer), RevocationState::kUndetermined)
      << "a key before speaks for none after";
  EXPECT_EQ(ask({List(own_, {kSerial})}, *later_signer), RevocationState::kRevoked) << "what is listed is revoked";
}

// An earlier key's last word stays: the present key's list may have dropped what the earlier one revoked.
TEST_F(NamesakesTest, SilenceOfTheLaterKeyTakesNothingBack) {
  const std::vector<CertificatePtr> authorities = {Authority(own_, own_), Authority(other_, own_)};
  const RevocationAnswer answer = InBothOrders(
      authorities, Day(6, 20), [&] { return List(own_, {kSerial}, "260101000000Z", "260401000000Z"); },
      [&] { return List(other_, {}); });
  EXPECT_EQ(answer.state, RevocationState::kUndetermined);
  EXPECT_TRUE(answer.listed_on_stale_crl);
}

TEST_F(NamesakesTest, AForgedLinkSpeaksForNobody) {
  const Key alien{"prime256v1"};
  const auto store =
      Store({Authority(own_, own_), Authority(other_, alien), Authority(other_, other_)}, {List(other_, {5})});
  EXPECT_EQ(store->Revocation(*SignerOf(own_), Day(6, 20)).state, RevocationState::kUndetermined);
}

TEST_F(NamesakesTest, OfTwoListsOfOneKeyAndDateTheOneThatListsCounts) {
  EXPECT_EQ(
      InBothOrders(
          {Authority(own_, own_)}, Day(6, 20), [&] { return List(own_, {kSerial}); }, [&] { return List(own_, {}); })
          .state,
      RevocationState::kRevoked);
}

TEST_F(NamesakesTest, AnAuthorityRevokedOnAnyPathTakesItsSignersAlong) {
  // Two certificates of one key: an anchor of its own, and a link from the key before, which that key's list revokes.
  const CertificatePtr root = Authority(other_, other_), own = Authority(own_, own_);
  const std::string link = MakeCertificate({.subject = Name("UT", "CSCA"),
                                            .serial = 5,
                                            .not_after = "350101000000Z",
                                            .key_info = own_.info,
                                            .authority = true,
                                            .key_usage = 0x06,
                                            .algorithm = algorithm_},
                                           other_);
  const auto store = Store({root, own, Parse(link)}, {List(other_, {5}), List(own_, {6})});
  const CertificateCheck check = CheckCertificate(*store, SignerOf(own_), Day(6, 20));
  EXPECT_EQ(check.overall, CertificateOverall::kInvalid);
  EXPECT_NE(check.reason.find("authority is revoked"), std::string::npos) << check.reason;
}

TEST_F(NamesakesTest, WhoSignedAListStandsInTheSnapshot) {
  const auto store = Store({Authority(own_, own_), Authority(other_, other_)}, {List(other_, {5})});
  const auto elements = store->content().CrlsOfIssuer(SignerOf(own_)->issuer);
  ASSERT_EQ(elements.size(), 1u);
  const CertificatePtr signer = store->SignerOfCrl(elements.front());
  ASSERT_NE(signer, nullptr);
  EXPECT_TRUE(Equal(signer->subject_public_key_info, AsBytes(other_.info)));
}

}  // namespace
}  // namespace gatehouse::pki
