// Who owes a proof that it is no copy, and when a proof counts.
#include "libs/emrtd/chip_authenticity.h"

#include <gtest/gtest.h>

#include <map>

#include "libs/emrtd/lds/specimen_for_tests.h"
#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using State = Tr03135State;

class ChipAuthenticityTest : public testing::Test {
 protected:
  // DG14 as signed: one ChipAuthenticationPublicKeyInfo, id-PK-ECDH.
  void MakeChipWithKey() {
    using lds_specimen::Tlv;
    const std::string identifier = Tlv(0x06, std::string("\x04\x00\x7F\x00\x07\x02\x02\x01\x02", 9));
    chip_.data_groups[14] = Tlv(0x6E, Tlv(0x31, Tlv(0x30, identifier + key_)));
    chip_.Make();
    trust_ = specimen::TrustIn(chip_);
  }

  std::map<std::string, Tr03135Check> Checks() {
    const PassiveAuthenticationReport report = specimen::Verify(chip_, *trust_);
    ChipAuthenticityInput input = input_;
    input.passive = &report;
    input.has_chip = true;
    input.trust = trust_.get();
    input.check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());
    if (chip_.data_groups.count(14) != 0) input.data_group_14 = pki::AsBytes(chip_.data_groups[14]);
    std::map<std::string, Tr03135Check> checks;
    for (Tr03135Check& check : ChipAuthenticityChecks(input)) checks[check.id] = check;
    return checks;
  }

  void Report(AccessProtocol protocol, State state, std::string_view key) {
    input_.outcomes.push_back({.protocol = protocol, .state = state, .chip_public_key = pki::AsBytes(key)});
  }

  specimen::Keys keys_{"prime256v1"};
  const std::string key_ = keys_.signer.info;
  specimen::Chip chip_{keys_};
  std::shared_ptr<const pki::TrustStore> trust_;
  ChipAuthenticityInput input_;
};

TEST_F(ChipAuthenticityTest, ADocumentWithoutKeysOwesNothing) {
  chip_.Make();
  trust_ = specimen::TrustIn(chip_);
  auto checks = Checks();
  EXPECT_EQ(checks["active_authentication"].state, State::kNotSupported) << "EF.SOD lists no DG15";
  EXPECT_EQ(checks["chip_cloning"].state, State::kNotSupported);
  EXPECT_EQ(checks["terminal_authentication"].state, State::kNotSupported);
}

TEST_F(ChipAuthenticityTest, UnderABrokenSignatureNobodySaysWhatIsOwed) {
  chip_.Make();
  trust_ = specimen::TrustIn(chip_);
  chip_.security_object_file.back() ^= 1;
  auto checks = Checks();
  EXPECT_EQ(checks["active_authentication"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].state, State::kUndetermined);
}

TEST_F(ChipAuthenticityTest, DutyComesFromTheSecurityObject) {
  chip_.data_groups[15] = "key";
  chip_.Make();
  trust_ = specimen::TrustIn(chip_);
  chip_.data_groups.erase(15);  // a copy without the key, and an EF.COM that does not speak of it
  auto checks = Checks();
  EXPECT_EQ(checks["active_authentication"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].detail.rfind(kNotDonePrefix, 0), 0u) << checks["chip_cloning"].detail;
}

TEST_F(ChipAuthenticityTest, AProofWithTheSignedKeyIsNoCopy) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, key_);
  auto checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kSuccessful);
  EXPECT_EQ(checks["chip_cloning"].state, State::kSuccessful);
}

TEST_F(ChipAuthenticityTest, AProofWithAnotherKeyIsSuspectedToBeACopy) {
  MakeChipWithKey();
  const std::string other_key(91, 'x');
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, other_key);
  auto checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kFailed);
  EXPECT_EQ(checks["chip_cloning"].state, State::kFailed);
}

TEST_F(ChipAuthenticityTest, AProofWithoutItsKeyProvesNothing) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, "");
  EXPECT_EQ(Checks()["chip_authentication"].state, State::kUndetermined);
}

TEST_F(ChipAuthenticityTest, AProofCountsOnlyWhenTheStateSignedTheKey) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, key_);
  trust_ = pki::TrustStore::Builder().Build();
  EXPECT_EQ(Checks()["chip_authentication"].state, State::kUndetermined) << "no anchor: anybody may have signed it";
}

TEST_F(ChipAuthenticityTest, AFailedProofIsFailedWhoeverSigned) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kFailed, key_);
  EXPECT_EQ(Checks()["chip_cloning"].state, State::kFailed);
}

// The State signed that the chip has a key: one that does not do it is not the chip. A reader that cannot do it says
// nothing of the chip, and a chip that went away has not been heard.
TEST_F(ChipAuthenticityTest, AChipThatRefusesIsToldFromAReaderThatDidNotAsk) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kNotSupported, "");
  auto checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kFailed);
  EXPECT_EQ(checks["chip_cloning"].state, State::kFailed);

  input_.outcomes.clear();
  checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].detail.rfind(kNotDonePrefix, 0), 0u) << checks["chip_cloning"].detail;

  Report(AccessProtocol::kChipAuthentication, State::kAborted, "");
  EXPECT_EQ(Checks()["chip_cloning"].state, State::kAborted);

  input_.outcomes.clear();
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, "");
  checks = Checks();
  EXPECT_EQ(checks["chip_cloning"].state, State::kUndetermined);
  EXPECT_NE(checks["chip_cloning"].detail.rfind(kNotDonePrefix, 0), 0u) << "it was done, and came to nothing";
}

// What a changed DG14 says of the chip nobody signed, and passive authentication fails for it.
TEST_F(ChipAuthenticityTest, AnAlteredDataGroupPromisesNothing) {
  MakeChipWithKey();
  chip_.data_groups[14].back() ^= 1;
  Report(AccessProtocol::kChipAuthentication, State::kNotSupported, "");
  auto checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kUndetermined);
  EXPECT_EQ(checks["chip_cloning"].state, State::kUndetermined) << "and is owed all the same";
}

TEST_F(ChipAuthenticityTest, ADataGroup14WithoutKeyOwesNothing) {
  using lds_specimen::Tlv;
  // TerminalAuthenticationInfo, version 1.
  const std::string identifier = Tlv(0x06, std::string("\x04\x00\x7F\x00\x07\x02\x02\x02", 8));
  chip_.data_groups[14] = Tlv(0x6E, Tlv(0x31, Tlv(0x30, identifier + Tlv(0x02, "\x01"))));
  chip_.Make();
  trust_ = specimen::TrustIn(chip_);
  for (const bool told : {false, true}) {
    if (told) Report(AccessProtocol::kChipAuthentication, State::kNotSupported, "");
    auto checks = Checks();
    EXPECT_EQ(checks["chip_authentication"].state, State::kNotSupported);
    EXPECT_EQ(checks["chip_cloning"].state, State::kNotSupported);
  }
}

TEST_F(ChipAuthenticityTest, AFailedProofIsNotMadeGoodByAnotherThatHeld) {
  MakeChipWithKey();
  Report(AccessProtocol::kChipAuthentication, State::kSuccessful, key_);
  Report(AccessProtocol::kPaceChipAuthenticationMapping, State::kFailed, key_);
  auto checks = Checks();
  EXPECT_EQ(checks["chip_authentication"].state, State::kSuccessful);
  EXPECT_EQ(checks["chip_cloning"].state, State::kFailed);
}

TEST_F(ChipAuthenticityTest, AMappingWithoutASignedKeyProvesNothing) {
  MakeChipWithKey();
  Report(AccessProtocol::kPaceChipAuthenticationMapping, State::kSuccessful, key_);
  EXPECT_EQ(Checks()["pace_chip_authentication_mapping"].state, State::kUndetermined) << "no EF.CardSecurity";
  input_.card_security = pki::AsBytes("\x30\x03\x02\x01\x00");
  EXPECT_EQ(Checks()["pace_chip_authentication_mapping"].state, State::kUndetermined);
}

}  // namespace
}  // namespace gatehouse::emrtd
