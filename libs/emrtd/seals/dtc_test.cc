#include "libs/emrtd/seals/dtc.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

#include "libs/emrtd/seals/seal_state_for_tests.h"
#include "libs/emrtd/seals/verify_presented.h"
#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::specimen::Element;
using pki::specimen::Integer;
using pki::specimen::Sequence;

class DtcTest : public testing::Test {
 protected:
  DtcTest() : keys_("prime256v1"), chip_(keys_) { chip_.Make(); }
  std::vector<std::string> Files() const {
    std::vector<std::string> files = {Element(0x80, chip_.security_object_file)};
    for (const auto& [number, file] : chip_.data_groups) {
      files.push_back(Element(static_cast<uint8_t>(0x80 + number), file));
    }
    return files;
  }
  DtcReport Verify(const std::string& credential) const {
    const auto trust = emrtd::specimen::TrustIn(chip_);
    const auto dtc = ReadDtc(pki::AsBytes(credential));
    return VerifyDtc(*dtc, SealState::Input(*trust));
  }
  emrtd::specimen::Keys keys_;
  emrtd::specimen::Chip chip_;
};

TEST_F(DtcTest, ACredentialBoundToAChipIsVerifiedAsTheChip) {
  const std::string credential = Sequence({Integer(1), Sequence(Files())});
  EXPECT_TRUE(IsDtc(pki::AsBytes(credential)));
  const DtcReport result = Verify(credential);
  EXPECT_EQ(result.report.overall, Overall::kValid) << result.report.reason;
  EXPECT_EQ(result.report.chain, ChainState::kValid);
  EXPECT_EQ(result.seal.document_type, "dtc_type_1");
  EXPECT_NE(result.seal.Find("mrz"), nullptr);
}

TEST_F(DtcTest, IsToldFromASealByItsBytes) {
  const auto trust = emrtd::specimen::TrustIn(chip_);
  const std::string credential = Sequence({Integer(1), Sequence(Files())});
  for (const std::string& text : {credential, absl::BytesToHexString(credential), absl::Base64Escape(credential)}) {
    const auto verified = VerifyPresented(text, SealState::Input(*trust));
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->seal.kind, Kind::kDtcVc);
    EXPECT_EQ(verified->report.overall, Overall::kValid);
  }
  EXPECT_FALSE(VerifyPresented("nothing", SealState::Input(*trust)).ok());
}

TEST_F(DtcTest, TheZoneOfTheDocumentMustBeTheSame) {
  const auto trust = emrtd::specimen::TrustIn(chip_);
  const std::string credential = Sequence({Integer(1), Sequence(Files())});
  SealInput input = SealState::Input(*trust);
  std::string zone = VerifyPresented(credential, input)->seal.Zone()->value.Reveal();
  input.document_zone = base::Redacted<std::string>(zone);
  EXPECT_EQ(VerifyPresented(credential, input)->report.overall, Overall::kValid);
  zone[7] = zone[7] == 'A' ? 'B' : 'A';
  input.document_zone = base::Redacted<std::string>(zone);
  const auto other = VerifyPresented(credential, input);
  EXPECT_EQ(other->report.overall, Overall::kInvalid);
  EXPECT_EQ(other->report.reason, "the zone in the credential is not the one of the document");
}

TEST_F(DtcTest, AChangedDataGroupIsSeen) {
  auto files = Files();
  files[1][files[1].size() - 1] ^= 1;
  const DtcReport result = Verify(Sequence({Integer(1), Sequence(files)}));
  EXPECT_EQ(result.report.overall, Overall::kInvalid);
  EXPECT_EQ(result.report.signature, SignatureState::kInvalid);
}

TEST_F(DtcTest, WhatTheDtcSignerSignedIsNotChecked) {
  const std::string signer = Element(0xA1, Sequence({}));
  const DtcReport bound = Verify(Sequence({Integer(1), Sequence(Files()), signer}));
  EXPECT_EQ(bound.seal.document_type, "dtc_type_2");
  EXPECT_EQ(bound.report.overall, Overall::kUndetermined);
  EXPECT_FALSE(bound.report.reason.empty());
  auto files = Files();
  files.erase(files.begin());
  const DtcReport alone = Verify(Sequence({Integer(1), Sequence(files), signer}));
  EXPECT_EQ(alone.seal.document_type, "dtc_type_3");
  EXPECT_EQ(alone.report.overall, Overall::kUndetermined);
}

TEST_F(DtcTest, RefusesWhatIsOutOfOrder) {
  auto files = Files();
  std::swap(files[0], files[1]);
  EXPECT_FALSE(ReadDtc(pki::AsBytes(Sequence({Integer(1), Sequence(files)}))).ok());
  files = Files();
  files.push_back(files.back());
  EXPECT_FALSE(ReadDtc(pki::AsBytes(Sequence({Integer(1), Sequence(files)}))).ok()) << "a file twice";
  EXPECT_FALSE(ReadDtc(pki::AsBytes(Sequence({Integer(1)}))).ok());
  EXPECT_FALSE(IsDtc(pki::AsBytes("\x30\x03\x02\x01\x01")));
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
