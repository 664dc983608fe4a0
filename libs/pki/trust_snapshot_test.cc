#include "libs/pki/trust_snapshot.h"

#include <gtest/gtest.h>

#include "libs/pki/chain.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

class TrustSnapshotTest : public testing::Test {
 protected:
  static constexpr size_t kChecksumBytes = 32;

  CertificateRequest Request() const {
    return {.subject = Name("UT", "CSCA"),
            .key_info = key_.info,
            .subject_key_identifier = "key",
            .authority_key_identifier = "key",
            .authority = true,
            .key_usage = 0x06,
            .algorithm = DefaultAlgorithm("prime256v1")};
  }
  std::string Signer(int serial, const Key& issuer) const {
    CertificateRequest request = Request();
    request.subject = Name("UT", "DS");
    request.subject_key_identifier = "signer" + std::to_string(serial);
    request.serial = serial;
    request.authority.reset();
    request.key_usage = 0x80;
    return MakeCertificate(request, issuer);
  }
  void Add(TrustRole role, std::string content) {
    kept_.push_back(std::make_unique<std::string>(std::move(content)));
    const Bytes bytes = AsBytes(*kept_.back());
    content_.elements.push_back({.role = role, .fingerprint = FingerprintOf(bytes), .content = bytes});
  }
  void AddState() {
    content_.sources = {{.name = "list.ml", .note = "from the embassy", .accepted_by = {"anna", "boris"}}};
    content_.change_number = 7;
    content_.version_number = 3;
    Add(TrustRole::kAnchor, MakeCertificate(Request(), key_));
    Add(TrustRole::kSigner, Signer(2, key_));
    Add(TrustRole::kSigner, Signer(3, other_key_));
    CrlRequest crl;
    crl.serials = {2};
    crl.algorithm = DefaultAlgorithm("prime256v1");
    Add(TrustRole::kCrl, MakeCrl(crl, key_));
    crl.serials = {3};
    Add(TrustRole::kCrl, MakeCrl(crl, other_key_));
  }
  static absl::StatusOr<std::shared_ptr<const TrustSnapshot>> Open(std::string bytes) {
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    return TrustSnapshot::Open(AsBytes(*owner), owner);
  }
  // As a writer of hostile files would: with the checksum made right again.
  static std::string Signed(std::string bytes) {
    bytes.resize(bytes.size() - kChecksumBytes);
    bytes += AsText(ComputeDigest(Digest::kSha256, AsBytes(bytes)).bytes());
    return bytes;
  }

  Key key_{"prime256v1"}, other_key_{"prime256v1"};
  std::vector<std::unique_ptr<std::string>> kept_;
  TrustContent content_;
};

TEST_F(TrustSnapshotTest, HoldsWhatWasWrittenAndItsVerdicts) {
  AddState();
  const auto written = WriteTrustSnapshot(content_, JudgeSigners::kAtOnce);
  ASSERT_TRUE(written.ok()) << written.status();
  const auto snapshot = Open(*written);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->change_number(), 7);
  EXPECT_EQ((*snapshot)->version_number(), 3);
  ASSERT_EQ((*snapshot)->size(), 5u);
  EXPECT_EQ((*snapshot)->sources().front().note, "from the embassy");
  EXPECT_EQ((*snapshot)->sources().front().accepted_by.size(), 2u);
  EXPECT_EQ((*snapshot)->version(), TrustVersionOf(content_.elements));

  const auto good = (*snapshot)->verdict(*(*snapshot)->Find(content_.elements[1].fingerprint));
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->chain, ChainState::kValid);
  ASSERT_EQ(good->paths.size(), 1u);
  EXPECT_EQ((*snapshot)->element(good->paths[0][0]).fingerprint, content_.elements[0].fingerprint);
  const auto bad = (*snapshot)->verdict(*(*snapshot)->Find(content_.elements[2].fingerprint));
  EXPECT_EQ(bad->chain, ChainState::kInvalid);
  EXPECT_FALSE(bad->reason.empty());

  const auto store = TrustStore::Open(*snapshot);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto verdict = (*store)->Judge(content_.elements[1].content);
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ((*verdict)->chain, ChainState::kValid);
  EXPECT_EQ((*verdict)->paths[0][0]->subject.text(), (*verdict)->signer->issuer.text());
  EXPECT_EQ((*store)->Revocation(*(*verdict)->signer, absl::FromUnixSeconds(1'782'000'000)).state,
            RevocationState::kRevoked);
  const auto forged = (*store)->Judge(content_.elements[2].content);
  EXPECT_EQ((*forged)->chain, ChainState::kInvalid);
  const RevocationAnswer answer = (*store)->Revocation(*(*forged)->signer, absl::FromUnixSeconds(1'782'000'000));
  EXPECT_EQ(answer.state, RevocationState::kUndetermined) << "no list here is of the key that made it";
  EXPECT_TRUE(answer.crl_of_another_key);
  EXPECT_TRUE(answer.badly_signed_crl);
  EXPECT_EQ((*store)->SignersOfSerial(AsBytes(std::string_view("\x00\x02", 2))).size(), 1u);
}

TEST_F(TrustSnapshotTest, VerdictsAreTakenOverOnlyFromTheSameAuthorities) {
  AddState();
  const auto first = Open(*WriteTrustSnapshot(content_, JudgeSigners::kAtOnce));
  Add(TrustRole::kSigner, Signer(4, key_));
  const auto second = Open(*WriteTrustSnapshot(content_, JudgeSigners::kAtOnce, first->get()));
  const auto place = [&](const TrustSnapshot& in, int element) {
    return *in.Find(content_.elements[static_cast<size_t>(element)].fingerprint);
  };
  EXPECT_EQ((*second)->verdict(place(**second, 1))->chain, ChainState::kValid);
  EXPECT_EQ((*second)->verdict(place(**second, 5))->chain, ChainState::kValid);

  content_.elements.erase(content_.elements.begin());  // the anchor goes
  const auto third = Open(*WriteTrustSnapshot(content_, JudgeSigners::kAtOnce, second->get()));
  ASSERT_TRUE(third.ok());
  EXPECT_EQ((*third)->verdict(place(**third, 0))->chain, ChainState::kNoTrustAnchor);
}

TEST_F(TrustSnapshotTest, WhatIsNotOfItsRoleIsRefused) {
  content_.sources.emplace_back();
  Add(TrustRole::kSigner, "no certificate");
  EXPECT_FALSE(WriteTrustSnapshot(content_, JudgeSigners::kAtOnce).ok());
  content_.elements.clear();
  Add(TrustRole::kDeviationList, "opaque here");
  EXPECT_TRUE(WriteTrustSnapshot(content_, JudgeSigners::kAtOnce).ok());
  content_.sources.clear();
  EXPECT_FALSE(WriteTrustSnapshot(content_, JudgeSigners::kAtOnce).ok()) << "nothing without provenance";
}

TEST_F(TrustSnapshotTest, EveryFlippedBitAndEveryCutIsSeen) {
  AddState();
  const std::string whole = *WriteTrustSnapshot(content_, JudgeSigners::kAtOnce);
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    EXPECT_FALSE(Open(damaged).ok()) << at;
    EXPECT_FALSE(Open(whole.substr(0, at)).ok()) << at;
  }
  EXPECT_FALSE(Open(whole + "x").ok());
}

TEST_F(TrustSnapshotTest, AHostileFileWithTheRightChecksumHarmsNothing) {
  AddState();
  const std::string whole = *WriteTrustSnapshot(content_, JudgeSigners::kAtOnce);
  int opened = 0;
  for (size_t at = 8; at + kChecksumBytes < whole.size(); ++at) {
    for (const uint8_t value : {0x00, 0x01, 0x7f, 0xff}) {
      std::string hostile = whole;
      hostile[at] = static_cast<char>(value);
      const auto snapshot = Open(Signed(hostile));
      if (!snapshot.ok()) continue;
      ++opened;
      for (uint32_t i = 0; i < (*snapshot)->size(); ++i) (void)(*snapshot)->verdict(i);
      const auto store = TrustStore::Open(*snapshot);
      if (store.ok()) (void)(*store)->Judge(content_.elements[1].content);
    }
  }
  EXPECT_GT(opened, 0);
}

}  // namespace
}  // namespace gatehouse::pki
