#include "libs/emrtd/seals/vds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "libs/emrtd/seals/c40.h"
#include "libs/emrtd/seals/presented.h"
#include "libs/emrtd/seals/seal_state_for_tests.h"

namespace gatehouse::emrtd::seals {
namespace {

bool Has(const Findings& findings, Defect defect) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& one) { return one.defect == defect; });
}

constexpr char kZone[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6";

class VdsTest : public testing::Test {
 protected:
  std::string Permit(absl::CivilDay signed_on = absl::CivilDay(2026, 1, 2)) const {
    return *IssueVds({.issuing_country = "UTO",
                      .signer_identifier = "UTTS",
                      .certificate_reference = "5B",
                      .issue_date = absl::CivilDay(2026, 1, 1),
                      .signature_date = signed_on,
                      .feature_definition = 0xFB06,
                      .fields = {{"mrz", kZone}, {"passport_number", "UFO001979"}}},
                     *state_.key());
  }
  SealReport Verify(const std::string& bytes, const pki::TrustStore& trust) const {
    return VerifySeal(*ReadVds(pki::AsBytes(bytes)), SealState::Input(trust));
  }
  SealState state_;
};

TEST_F(VdsTest, SaysWhatVouchesForTheSigner) {
  const std::string permit = Permit();
  EXPECT_EQ(Verify(permit, *state_.Trust(true, true)).overall, Overall::kValid);
  const SealReport given = Verify(permit, *state_.Trust(false, true));
  EXPECT_EQ(given.signature, SignatureState::kValid);
  EXPECT_EQ(given.chain, ChainState::kSignerGiven);
  EXPECT_EQ(given.overall, Overall::kUndetermined);
  const SealReport unknown = Verify(permit, *state_.Trust(true, false));
  EXPECT_EQ(unknown.signature, SignatureState::kUndetermined);
  EXPECT_EQ(unknown.chain, ChainState::kUndetermined);
  EXPECT_EQ(unknown.overall, Overall::kUndetermined);
  EXPECT_TRUE(Has(unknown.findings, Defect::kSignerCertificateMissing));
}

TEST_F(VdsTest, NoFlippedBitIsEverValid) {
  const auto trust = state_.Trust(true, true);
  std::string bytes = Permit();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    if (const auto seal = ReadVds(pki::AsBytes(bytes)); seal.ok()) {
      const SealReport report = VerifySeal(*seal, SealState::Input(*trust));
      EXPECT_GE(report.overall, Overall::kUndetermined) << "bit " << bit;
      EXPECT_NE(report.signature, SignatureState::kValid) << "bit " << bit;
    }
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  }
}

TEST_F(VdsTest, RevokedExpiredAndForeignSigners) {
  const std::string permit = Permit();
  EXPECT_EQ(Verify(permit, *state_.Trust(true, true, state_.Crl({0x5B}))).overall, Overall::kInvalid);
  EXPECT_EQ(Verify(permit, *state_.Trust(true, true, state_.Crl({0x5C}))).revocation, RevocationState::kGood);
  SealState expired;
  expired.signer.not_after = "260201000000Z";
  state_ = expired;
  EXPECT_EQ(Verify(Permit(), *state_.Trust(true, true)).overall, Overall::kValidExpiredChain);
  EXPECT_EQ(Verify(Permit(absl::CivilDay(2026, 3, 1)), *state_.Trust(true, true)).overall, Overall::kInvalid)
      << "signed after the end";
}

TEST_F(VdsTest, AnotherStatesSignerIsNoSigner) {
  const std::string permit = *IssueVds({.issuing_country = "D",
                                        .signer_identifier = "UTTS",
                                        .certificate_reference = "5B",
                                        .issue_date = absl::CivilDay(2026, 1, 1),
                                        .signature_date = absl::CivilDay(2026, 1, 2),
                                        .feature_definition = 0xFB06,
                                        .fields = {{"mrz", kZone}, {"passport_number", "UFO001979"}}},
                                       *state_.key());
  const SealReport report = Verify(permit, *state_.Trust(true, true));
  EXPECT_EQ(report.signature, SignatureState::kValid);
  EXPECT_EQ(report.country_match, CountryState::kMismatch);
  EXPECT_EQ(report.overall, Overall::kInvalid);
  EXPECT_TRUE(Has(report.findings, Defect::kIssuingStateDiffers));
}

TEST_F(VdsTest, TheZoneOfTheDocumentMustBeTheSame) {
  const auto trust = state_.Trust(true, true);
  SealInput input = SealState::Input(*trust);
  const Seal seal = *ReadVds(pki::AsBytes(Permit()));
  input.document_zone = base::Redacted<std::string>(kZone);
  EXPECT_EQ(VerifySeal(seal, input).overall, Overall::kValid);
  std::string other = kZone;
  other[36] = 'E';
  input.document_zone = base::Redacted<std::string>(other);
  EXPECT_EQ(VerifySeal(seal, input).overall, Overall::kInvalid);
  // The permit in another State's passport.
  input.document_issuing_state = "D";
  input.document_is_passport = true;
  EXPECT_EQ(VerifySeal(seal, input).overall, Overall::kValid);
}

TEST_F(VdsTest, WithoutSignatureNothingIsKnown) {
  std::string bytes = Permit();
  bytes.resize(bytes.rfind("\xFF\x40"));
  const auto seal = ReadVds(pki::AsBytes(bytes));
  ASSERT_TRUE(seal.ok());
  EXPECT_TRUE(Has(seal->findings, Defect::kSignatureMissing));
  const SealReport report = VerifySeal(*seal, SealState::Input(*state_.Trust(true, true)));
  EXPECT_EQ(report.signature, SignatureState::kUndetermined);
  EXPECT_EQ(report.overall, Overall::kUndetermined);
  EXPECT_FALSE(report.reason.empty());
}

std::string Header(std::string_view signer, std::string_view reference) {
  const auto chars = [](std::string_view text) {
    const auto bytes = EncodeC40(text, "test");
    return std::string(bytes->begin(), bytes->end());
  };
  return "\xDC\x03" + chars("D<<") + chars(signer) + (reference.empty() ? "" : chars(reference)) +
         WriteSealDate(absl::CivilDay(2024, 9, 27)) + WriteSealDate(absl::CivilDay(2024, 9, 28)) + "\x01\xC8";
}

TEST_F(VdsTest, TakesADecimalLengthWhereOnlyItDecides) {
  const std::string features = WriteElement(0, std::string(16, 'p')) + WriteElement(4, "Mustermann");
  const std::string reference = "00112233445566778899AABBCCDDEEFF00112233";
  const auto decimal = ReadVds(pki::AsBytes(Header("DEZV40", reference) + features));
  ASSERT_TRUE(decimal.ok()) << decimal.status();
  EXPECT_EQ(decimal->signer.certificate_reference, reference);
  EXPECT_EQ(decimal->feature_definition, "01c8");
  EXPECT_TRUE(Has(decimal->findings, Defect::kReferenceLengthDecimal));
  const auto hexadecimal = ReadVds(pki::AsBytes(Header("DEZV28", reference) + features));
  ASSERT_TRUE(hexadecimal.ok());
  EXPECT_EQ(hexadecimal->signer.certificate_reference, reference);
  EXPECT_FALSE(Has(hexadecimal->findings, Defect::kReferenceLengthDecimal));
}

TEST_F(VdsTest, ReadsTheReferenceOfVersion3UnderTheByteOfVersion4) {
  const std::string features = WriteElement(2, "x") + WriteElement(kSignatureTag, std::string(64, 's'));
  const auto seal = ReadVds(pki::AsBytes(Header("DEME03123", "") + features));
  ASSERT_TRUE(seal.ok());
  EXPECT_EQ(seal->signer.certificate_reference, "03123");
  EXPECT_TRUE(Has(seal->findings, Defect::kReferenceOfVersion3));
  EXPECT_EQ(ReadVds(pki::AsBytes(Header("DETS00027", "") + features))->signer.certificate_reference, "00027");
}

TEST_F(VdsTest, KeepsWhatItDoesNotKnow) {
  std::string bytes = Permit();
  const size_t definition = bytes.find("\xFB\x06");
  bytes[definition] = 0x12;
  const auto seal = ReadVds(pki::AsBytes(bytes));
  ASSERT_TRUE(seal.ok());
  EXPECT_EQ(seal->feature_definition, "1206");
  EXPECT_TRUE(Has(seal->findings, Defect::kDefinitionUnknown));
  ASSERT_EQ(seal->features.size(), 2u);
  EXPECT_EQ(seal->features[1].name, "unknown");
  EXPECT_EQ(seal->features[1].value.Reveal().size(), 12u) << "hexadecimal digits";
}

TEST_F(VdsTest, IsReadInEveryFormItIsPresentedIn) {
  const std::string bytes = Permit();
  const std::string hex = absl::BytesToHexString(bytes);
  const Seal wanted = *ReadSeal(bytes);
  for (const std::string& form :
       {hex, "VDS " + hex, "0x" + hex, "\n" + hex.substr(0, 30) + "\n" + hex.substr(30) + "\r\n",
        absl::Base64Escape(bytes), absl::WebSafeBase64Escape(bytes)}) {
    const auto seal = ReadSeal(form);
    ASSERT_TRUE(seal.ok()) << form;
    EXPECT_EQ(seal->signed_bytes, wanted.signed_bytes);
  }
  EXPECT_EQ(ReadSeal("\x89PNG....").status().code(), absl::StatusCode::kUnimplemented);
  for (const std::string_view bad : {"", " ", "hello", "{", "RDB1", "\xDC", "\xDC\x04zz", "dc03"}) {
    EXPECT_EQ(ReadSeal(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
