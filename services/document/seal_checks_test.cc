// Seals and travel credentials beside a document: every form is read by the same way, and each check says what it
// found.
#include "services/document/seal_checks.h"

#include <gtest/gtest.h>

#include <map>

#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/specimen_for_tests.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135State;
using pki::specimen::Element;
using pki::specimen::Integer;
using pki::specimen::Sequence;

class SealChecksTest : public ::testing::Test {
 protected:
  SealChecksTest() : chip_(keys_) {
    chip_.Make();
    trust_ = emrtd::specimen::TrustIn(chip_);
    zone_ = mrz::Parse(emrtd::ReadMachineReadableZone(pki::AsBytes(chip_.data_groups[1]))->Reveal());
  }

  // DTCContentInfo with all files of the chip.
  std::string Credential(const std::vector<std::string>& further = {}) const {
    std::vector<std::string> files = {Element(0x80, chip_.security_object_file)};
    for (const auto& [number, file] : chip_.data_groups) {
      files.push_back(Element(static_cast<uint8_t>(0x80 + number), file));
    }
    std::vector<std::string> parts = {Integer(1), Sequence(files)};
    parts.insert(parts.end(), further.begin(), further.end());
    return Sequence(parts);
  }

  std::map<std::string, emrtd::Tr03135Check> Checks(const std::string& seal) const {
    const SealStandards standards{.trust = *trust_,
                                  .check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone()),
                                  .zone = zone_};
    std::map<std::string, emrtd::Tr03135Check> checks;
    for (emrtd::Tr03135Check& check : SealChecks(1, VerifyPresentedSeal(seal, standards), standards)) {
      checks[check.id] = check;
    }
    return checks;
  }

  emrtd::specimen::Keys keys_{"prime256v1"};
  emrtd::specimen::Chip chip_;
  std::shared_ptr<const pki::TrustStore> trust_;
  std::optional<mrz::ParsedMrz> zone_;
};

TEST_F(SealChecksTest, ATravelCredentialIsJudgedLikeAnySeal) {
  auto checks = Checks(Credential());
  EXPECT_EQ(checks["seal_1_readability"].detail, "dtc_vc");
  EXPECT_EQ(checks["seal_1_signature"].state, Tr03135State::kSuccessful);
  EXPECT_EQ(checks["seal_1_against_document"].state, Tr03135State::kSuccessful);
  EXPECT_EQ(checks["seal_1_as_a_whole"].state, Tr03135State::kSuccessful) << checks["seal_1_as_a_whole"].detail;
  EXPECT_EQ(checks.count("seal_1_dtc_signer"), 0u);
}

TEST_F(SealChecksTest, ACredentialOfAnotherDocumentIsNotItsOwn) {
  std::string text(zone_->text());
  text[7] = text[7] == 'A' ? 'B' : 'A';
  zone_ = mrz::Parse(text);
  auto checks = Checks(Credential());
  EXPECT_EQ(checks["seal_1_against_document"].state, Tr03135State::kFailed);
  EXPECT_EQ(checks["seal_1_as_a_whole"].state, Tr03135State::kFailed);
}

TEST_F(SealChecksTest, WhatADtcSignerSignedIsNotDone) {
  auto checks = Checks(Credential({Element(0xA1, Sequence({}))}));
  EXPECT_EQ(checks["seal_1_dtc_signer"].state, Tr03135State::kUndetermined);
  EXPECT_EQ(checks["seal_1_dtc_signer"].detail.rfind(emrtd::kNotDonePrefix, 0), 0u);
  EXPECT_EQ(checks["seal_1_as_a_whole"].state, Tr03135State::kUndetermined);
}

TEST_F(SealChecksTest, WhatIsNoSealIsNotReadable) {
  auto checks = Checks("nothing");
  EXPECT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks["seal_1_readability"].state, Tr03135State::kFailed);
}

}  // namespace
}  // namespace gatehouse::document
