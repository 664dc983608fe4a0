#include "libs/emrtd/lds/card_security.h"

#include <gtest/gtest.h>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;  // the writers of DER are the vocabulary here
using pki::AsBytes;

const absl::Time kCheckTime = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());

// The authority and the signer of a specimen chip, signing SecurityInfos instead of digests.
struct Card {
  Card() : keys("prime256v1"), chip(keys) {
    chip.Make();
    request = chip.security_object;
    request.content_type = std::string(pki::AsText(pki::Oid("0.4.0.127.0.7.3.2.1").bytes()));
    request.content = Set({Sequence({ObjectId("0.4.0.127.0.7.2.2.4.2.2"), Integer(2), Integer(13)})});
  }
  std::string Make() const { return MakeSignedData(request, keys.signer); }

  specimen::Keys keys;
  specimen::Chip chip;
  SignedDataRequest request;
};

TEST(CardSecurityTest, EstablishesWhatTheIssuerSigned) {
  const Card card;
  const std::string file = card.Make();
  const auto security = ReadCardSecurity(AsBytes(file));
  ASSERT_TRUE(security.ok()) << security.status();
  ASSERT_EQ(security->infos.pace.size(), 1u);
  const auto trust = specimen::TrustIn(card.chip);
  const CardSecurityVerdict verdict = CheckCardSecurity(*security, *trust, kCheckTime);
  EXPECT_TRUE(verdict.established) << verdict.reason;
  EXPECT_EQ(verdict.signature, pki::SignatureState::kValid);
  EXPECT_EQ(verdict.chain, pki::ChainState::kValid);
}

TEST(CardSecurityTest, EstablishesNothingWithoutAnchorOrOutsideItsTime) {
  const Card card;
  const std::string file = card.Make();
  const auto security = ReadCardSecurity(AsBytes(file));
  ASSERT_TRUE(security.ok()) << security.status();
  const auto nothing = pki::TrustStore::Builder().Build();
  const CardSecurityVerdict unknown = CheckCardSecurity(*security, *nothing, kCheckTime);
  EXPECT_FALSE(unknown.established);
  EXPECT_EQ(unknown.signature, pki::SignatureState::kValid);
  EXPECT_EQ(unknown.chain, pki::ChainState::kNoTrustAnchor);
  EXPECT_FALSE(unknown.reason.empty());
  const auto trust = specimen::TrustIn(card.chip);
  EXPECT_FALSE(CheckCardSecurity(*security, *trust, kCheckTime + absl::Hours(24 * 365 * 10)).established);
}

TEST(CardSecurityTest, NoFlippedBitOfContentOrSignatureIsEstablished) {
  const Card card;
  const std::string file = card.Make();
  const auto trust = specimen::TrustIn(card.chip);
  const size_t content = file.find(card.request.content);
  ASSERT_NE(content, std::string::npos);
  const auto try_flip = [&](size_t at) {
    std::string bent = file;
    bent[at] ^= 0x01;
    const auto security = ReadCardSecurity(AsBytes(bent));
    if (!security.ok()) return;
    EXPECT_FALSE(CheckCardSecurity(*security, *trust, kCheckTime).established) << at;
  };
  for (size_t i = 0; i < card.request.content.size(); ++i) try_flip(content + i);
  for (size_t at = file.size() - 40; at < file.size(); ++at) try_flip(at);
}

TEST(CardSecurityTest, RefusesAnotherContentTypeAndASecondSigner) {
  Card card;
  card.request.signers = 2;
  const std::string two = card.Make();
  const auto security = ReadCardSecurity(AsBytes(two));
  ASSERT_TRUE(security.ok()) << security.status();
  EXPECT_FALSE(CheckCardSecurity(*security, *specimen::TrustIn(card.chip), kCheckTime).established);
  Card other;
  other.request.content_type = "\x67\x81\x08\x01\x01\x01";
  EXPECT_FALSE(ReadCardSecurity(AsBytes(other.Make())).ok());
  Card bare;
  bare.request.with_attributes = false;
  const std::string unsigned_attributes = bare.Make();
  const auto without = ReadCardSecurity(AsBytes(unsigned_attributes));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE(CheckCardSecurity(*without, *specimen::TrustIn(bare.chip), kCheckTime).established);
}

}  // namespace
}  // namespace gatehouse::emrtd
