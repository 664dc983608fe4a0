#include "libs/emrtd/active_authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/pki/specimen_for_tests.h"
#include "tools/specimen/active_authentication_maker.h"
#include "tools/specimen/seeded_random.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::emrtd {
namespace {

using pki::AsBytes;
using pki::Digest;
using pki::specimen::Key;
using specimen::AnswerByEcdsa;
using specimen::AnswerByRsa;
using specimen::EcdsaForm;
using specimen::RsaAnswerRequest;
using Note = ActiveAuthenticationNote;
using Reason = ActiveAuthenticationReason;
using State = ActiveAuthenticationState;

constexpr std::string_view kChallenge = "\x01\x02\x03\x04\x05\x06\x07\x08";
constexpr std::string_view kOtherChallenge = "\x01\x02\x03\x04\x05\x06\x07\x09";

struct DigestRow {
  Digest digest;
  const EVP_MD* maker;
};
const DigestRow kDigests[] = {{Digest::kSha1, EVP_sha1()},
                              {Digest::kSha224, EVP_sha224()},
                              {Digest::kSha256, EVP_sha256()},
                              {Digest::kSha384, EVP_sha384()},
                              {Digest::kSha512, EVP_sha512()}};

std::string DataGroup15(const Key& key) { return specimen::Tlv(0x6F, key.info); }

std::string DataGroup14(const pki::Oid& algorithm) {
  using pki::specimen::Integer, pki::specimen::ObjectId, pki::specimen::Sequence, pki::specimen::Set;
  return specimen::Tlv(0x6E, Set({Sequence({ObjectId("0.4.0.127.0.7.2.2.3.2.2"), Integer(1)}),
                                  Sequence({ObjectId("2.23.136.1.1.5"), Integer(1), ObjectId(algorithm)})}));
}

ActiveAuthentication Verify(const std::string& data_group_15, std::string_view challenge, const std::string& signature,
                            const std::optional<std::string>& data_group_14 = std::nullopt) {
  ActiveAuthenticationInput input{
      .data_group_15 = AsBytes(data_group_15), .challenge = AsBytes(challenge), .signature = AsBytes(signature)};
  if (data_group_14) input.data_group_14 = AsBytes(*data_group_14);
  return VerifyActiveAuthentication(input);
}

class RsaTest : public testing::Test {
 protected:
  ActiveAuthentication Answer(const RsaAnswerRequest& request, std::string_view challenge = kChallenge) {
    return Verify(DataGroup15(key_), challenge, AnswerByRsa(key_.pkey(), request, kChallenge, random_));
  }
  const Key key_{"RSA:1280"};
  specimen::SeededRandom random_{1, "active authentication"};
};

TEST_F(RsaTest, EveryDigestAndBothSigns) {
  for (const DigestRow& row : kDigests) {
    for (const bool smaller : {false, true}) {
      const auto result = Answer({.digest = row.maker, .smaller = smaller});
      EXPECT_EQ(result.state, State::kValid) << ToWord(result.reason);
      EXPECT_EQ(result.digest, row.digest);
      EXPECT_EQ(result.algorithm, "RSA-1280 ISO 9796-2");
    }
  }
  EXPECT_EQ(Answer({.digest = EVP_sha1(), .trailer = "\xBC"}).state, State::kValid);
  EXPECT_EQ(Answer({.padding_bytes = 3}).state, State::kValid);
}

TEST_F(RsaTest, RefusesAnotherChallenge) {
  const auto result = Answer({}, kOtherChallenge);
  EXPECT_EQ(result.state, State::kInvalid);
  EXPECT_EQ(result.reason, Reason::kDigestDiffers);
}

TEST_F(RsaTest, RefusesWrongTrailersAndHeaders) {
  EXPECT_EQ(Answer({.trailer = "\x35\xCC"}).reason, Reason::kDigestDiffers);
  EXPECT_EQ(Answer({.trailer = "\xBC"}).reason, Reason::kDigestDiffers);
  EXPECT_EQ(Answer({.trailer = "\x31\xCC"}).reason, Reason::kDigestUnknown);
  // The answer's other sign may by chance end as a trailer does: then it is refused for what stands before.
  EXPECT_EQ(Answer({.trailer = "\x34\xCD"}).state, State::kInvalid);
  EXPECT_EQ(Answer({.trailer = "\xAC"}).reason, Reason::kTrailer);
  EXPECT_EQ(Answer({.header = 0x2A}).reason, Reason::kHeader);
  EXPECT_EQ(Answer({.header = 0x6C}).reason, Reason::kHeader);
  EXPECT_EQ(Answer({.header = 0x7A}).reason, Reason::kHeader);
}

// The digest of total recovery covers nothing from outside: only the challenge inside ties it to this inspection.
TEST_F(RsaTest, TotalRecoveryNeedsTheChallengeInside) {
  const auto result = Answer({.header = 0x4A});
  EXPECT_EQ(result.state, State::kValid);
  EXPECT_THAT(result.notes, testing::ElementsAre(Note::kTotalRecovery));
  EXPECT_EQ(Answer({.header = 0x4A}, kOtherChallenge).reason, Reason::kChallengeAbsent);
}

TEST_F(RsaTest, NoBitOfTheAnswerMayChange) {
  const std::string good = AnswerByRsa(key_.pkey(), {}, kChallenge, random_);
  for (size_t bit = 0; bit < 8 * good.size(); bit += 13) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Verify(DataGroup15(key_), kChallenge, bad).state, State::kInvalid) << bit;
  }
  EXPECT_EQ(Verify(DataGroup15(key_), kChallenge, good + std::string(1, '\0')).reason, Reason::kSignatureLength);
  EXPECT_EQ(Verify(DataGroup15(key_), kChallenge, "").reason, Reason::kSignatureLength);
  EXPECT_EQ(Verify(DataGroup15(key_), kChallenge, std::string(160, '\xFF')).reason, Reason::kSignatureNotBelowModulus);
}

TEST(EcdsaTest, EveryCurveInBothFormsWithDigestsLongerThanTheCurve) {
  for (const char* curve : {"prime192v1", "secp224r1", "prime256v1", "secp384r1", "secp521r1", "brainpoolP224r1",
                            "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1"}) {
    for (const bool explicit_parameters : {false, true}) {
      const Key key(curve, explicit_parameters);
      for (const EcdsaForm form : {EcdsaForm::kPlain, EcdsaForm::kDer}) {
        const std::string answer = AnswerByEcdsa(key.pkey(), EVP_sha512(), form, kChallenge);
        const std::string group_14 = DataGroup14(pki::oid::kEcdsaPlainSha512);
        const auto result = Verify(DataGroup15(key), kChallenge, answer, group_14);
        EXPECT_EQ(result.state, State::kValid) << curve << " " << ToWord(result.reason);
        EXPECT_EQ(result.digest, Digest::kSha512);
        EXPECT_EQ(result.notes.empty(), form == EcdsaForm::kPlain);
        EXPECT_EQ(Verify(DataGroup15(key), kOtherChallenge, answer, group_14).reason, Reason::kSignatureDiffers);
        EXPECT_EQ(Verify(DataGroup15(key), kChallenge, answer, DataGroup14(pki::oid::kEcdsaWithSha256)).state,
                  State::kInvalid)
            << "DG14 names another digest";
      }
    }
  }
}

TEST(EcdsaTest, WithoutDataGroup14TheDigestIsFoundAndTold) {
  const Key key("secp384r1");
  const std::string group_15 = DataGroup15(key);
  const auto fits =
      Verify(group_15, kChallenge, AnswerByEcdsa(key.pkey(), EVP_sha384(), EcdsaForm::kPlain, kChallenge));
  EXPECT_EQ(fits.state, State::kValid);
  EXPECT_THAT(fits.notes, testing::ElementsAre(Note::kDigestByKeySize));
  const auto tried = Verify(group_15, kChallenge, AnswerByEcdsa(key.pkey(), EVP_sha1(), EcdsaForm::kPlain, kChallenge));
  EXPECT_EQ(tried.digest, Digest::kSha1);
  EXPECT_THAT(tried.notes, testing::ElementsAre(Note::kDigestByTrial));
}

TEST(EcdsaTest, AnAlgorithmNobodyKnowsDecidesNothing) {
  const Key key("prime256v1");
  const std::string answer = AnswerByEcdsa(key.pkey(), EVP_sha256(), EcdsaForm::kPlain, kChallenge);
  const auto unknown = Verify(DataGroup15(key), kChallenge, answer, DataGroup14("1.2.3.4"));
  EXPECT_EQ(unknown.state, State::kUndetermined);
  EXPECT_EQ(unknown.reason, Reason::kAlgorithmUnknown);
  EXPECT_EQ(Verify(DataGroup15(key), kChallenge, answer, "\x6E\x05").reason, Reason::kDataGroup14Unreadable);
}

TEST(ActiveAuthenticationTest, BrokenInputIsNeverValid) {
  const Key key("prime256v1");
  const std::string group = DataGroup15(key);
  const std::string answer = AnswerByEcdsa(key.pkey(), EVP_sha256(), EcdsaForm::kPlain, kChallenge);
  EXPECT_EQ(Verify("", kChallenge, answer).reason, Reason::kDataGroup15Unreadable);
  EXPECT_EQ(Verify(key.info, kChallenge, answer).reason, Reason::kDataGroup15Unreadable);
  EXPECT_EQ(Verify(specimen::Tlv(0x6F, "x"), kChallenge, answer).reason, Reason::kPublicKeyRefused);
  EXPECT_EQ(Verify(group, "", answer).reason, Reason::kChallengeLength);
  EXPECT_EQ(Verify(group, kChallenge, answer.substr(1)).reason, Reason::kSignatureLength);
  EXPECT_EQ(Verify(group, kChallenge, "").reason, Reason::kSignatureLength);
  EXPECT_EQ(Verify(group, kChallenge, std::string(64, '\0')).reason, Reason::kSignatureDiffers);
  EXPECT_EQ(Verify(group + "\x90", kChallenge, answer).notes.front(), Note::kDataGroupTrailingBytes);
}

}  // namespace
}  // namespace gatehouse::emrtd
