#include "libs/emrtd/tr03135.h"

#include <gtest/gtest.h>

#include <map>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

std::map<std::string, Tr03135State> ById(const PassiveAuthenticationReport& report) {
  std::map<std::string, Tr03135State> states;
  for (const Tr03135Check& check : Tr03135Checks(report)) states[check.id] = check.state;
  return states;
}

class Tr03135Test : public testing::Test {
 protected:
  specimen::Keys keys_{"prime256v1"};
  specimen::Chip chip_{keys_};
};

TEST_F(Tr03135Test, SaysWhatWasFoundAndWhatWasNotDone) {
  chip_.Make();
  auto states = ById(specimen::Verify(chip_, *specimen::TrustIn(chip_)));
  EXPECT_EQ(states["security_object_signature"], Tr03135State::kSuccessful);
  EXPECT_EQ(states["document_signer_trust_status"], Tr03135State::kSuccessful);
  EXPECT_EQ(states["document_signer_revocation"], Tr03135State::kUndetermined) << "there is no CRL";
  EXPECT_EQ(states["data_group_1_integrity"], Tr03135State::kSuccessful);
  EXPECT_EQ(states["com_against_security_object"], Tr03135State::kSuccessful);
  EXPECT_EQ(states["security_object_digest"], Tr03135State::kSuccessful);
}

TEST_F(Tr03135Test, NoDigestLooksGoodUnderABrokenSignature) {
  chip_.Make();
  chip_.security_object_file.back() ^= 1;
  auto states = ById(specimen::Verify(chip_, *specimen::TrustIn(chip_)));
  EXPECT_EQ(states["security_object_signature"], Tr03135State::kFailed);
  EXPECT_EQ(states["data_group_1_integrity"], Tr03135State::kUndetermined);
  EXPECT_EQ(states["security_object_digest"], Tr03135State::kSuccessful) << "the signature was changed, not the list";
}

TEST_F(Tr03135Test, EveryCheckNamesItsRuleAndWhatItRestsOn) {
  chip_.data_groups[15] = "key";
  chip_.Make();
  const auto trust = specimen::TrustIn(chip_);
  chip_.com = specimen::MakeCom({1, 2});  // hides the key
  for (const Tr03135Check& check : Tr03135Checks(specimen::Verify(chip_, *trust))) {
    SCOPED_TRACE(check.id);
    EXPECT_FALSE(check.evidence.rule.empty());
    if (check.id == "document_signer_signature") {
      ASSERT_EQ(check.evidence.certificates.size(), 2u);
      EXPECT_EQ(check.evidence.certificates[0].role, "document_signer");
      EXPECT_EQ(check.evidence.lists.at(0).version, trust->version());
    }
    if (check.id == "com_against_security_object") {
      EXPECT_EQ(check.state, Tr03135State::kFailed);
      EXPECT_EQ(check.evidence.deviations, std::vector<std::string>{"data_group_hidden_by_com"});
    }
  }
}

TEST_F(Tr03135Test, CombinesByTheGravest) {
  using enum Tr03135State;
  const auto combine = [](std::initializer_list<Tr03135State> states) {
    return Combine(std::span(states.begin(), states.size()));
  };
  EXPECT_EQ(combine({}), kUndetermined);
  EXPECT_EQ(combine({kSuccessful, kNotSupported}), kSuccessful);
  EXPECT_EQ(combine({kSuccessful, kUndetermined}), kUndetermined);
  EXPECT_EQ(combine({kAborted, kFailed}), kFailed);
}

}  // namespace
}  // namespace gatehouse::emrtd
