#include "libs/emrtd/seals/issue.h"

#include <gtest/gtest.h>

#include "libs/emrtd/seals/seal_state_for_tests.h"
#include "libs/emrtd/seals/vds.h"

namespace gatehouse::emrtd::seals {
namespace {

// A specimen visa of Doc 9303-7, with right check digits.
constexpr char kMrvB[] = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL898902C<3UTO6908061F9406236ZE184226";

IssueRequest Visa() {
  return {.issuing_country = "UTO",
          .signer_identifier = "UTTS",
          .certificate_reference = "5B",
          .issue_date = absl::CivilDay(2026, 1, 1),
          .signature_date = absl::CivilDay(2026, 1, 2),
          .feature_definition = 0x5D01,
          .fields = {{"mrz_mrv_b", kMrvB},
                     {"number_of_entries", "2"},
                     {"duration_of_stay", "P1Y90D"},
                     {"passport_number", "UFO001979"},
                     {"visa_type", "01ab"}}};
}

TEST(IssueTest, WhatIsMintedIsReadAndVerified) {
  for (const char* curve : {"brainpoolP224r1", "brainpoolP256r1", "prime256v1", "secp384r1", "brainpoolP512r1"}) {
    SCOPED_TRACE(curve);
    const SealState state(curve);
    for (const int version : {3, 4}) {
      IssueRequest request = Visa();
      request.version = version;
      const auto bytes = IssueVds(request, *state.key());
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      const auto seal = ReadVds(pki::AsBytes(*bytes));
      ASSERT_TRUE(seal.ok()) << seal.status();
      EXPECT_EQ(seal->version, version);
      EXPECT_EQ(seal->issuing_country, "UTO");
      EXPECT_EQ(seal->issue_date.text(), "2026-01-01");
      EXPECT_EQ(seal->document_type, "visa");
      EXPECT_EQ(seal->Find("number_of_entries")->number, 2);
      EXPECT_EQ(seal->Find("duration_of_stay")->value.Reveal(), "P1Y90D");
      EXPECT_EQ(seal->Find("passport_number")->value.Reveal(), "UFO001979");
      EXPECT_EQ(seal->Find("visa_type")->value.Reveal(), "01ab");
      EXPECT_EQ(seal->Zone()->value.Reveal().size(), 64u) << "without the free places";
      const auto trust = state.Trust(true, true);
      const SealReport report = VerifySeal(*seal, SealState::Input(*trust));
      EXPECT_EQ(report.overall, Overall::kValid) << report.reason;
      EXPECT_EQ(report.zone, ZoneState::kValid);
    }
  }
}

TEST(IssueTest, RefusesWhatNobodyCouldRead) {
  const SealState state;
  const auto refused = [&](auto change) {
    IssueRequest request = Visa();
    change(request);
    return IssueVds(request, *state.key()).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields.pop_back(), r.fields.pop_back(); })) << "no passport number";
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields[3].value = "ufo001979"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields[1].value = "256"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields[2].value = "90"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields[0].value = "V<UTO"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.fields[0].name = "photograph"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.feature_definition = 0x1234; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.signer_identifier = "UT"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.certificate_reference = "5G"; }));
  EXPECT_TRUE(refused([](IssueRequest& r) { r.version = 3, r.certificate_reference = "123456"; }));
  const SealState rsa("RSA:2048");
  EXPECT_FALSE(IssueVds(Visa(), *rsa.key()).ok());
}

TEST(IssueTest, NamesTheSignerByItsCertificate) {
  const SealState state;
  const auto certificate = *pki::Certificate::Parse(pki::AsBytes(state.signer_der()));
  const auto reference = ReferenceTo(*certificate);
  ASSERT_TRUE(reference.ok());
  EXPECT_EQ(reference->identifier, "UTTS");
  EXPECT_EQ(reference->certificate_reference, "5B");
  EXPECT_TRUE(pki::IsCertificateOf(*certificate, *state.key()));
  EXPECT_FALSE(pki::IsCertificateOf(*certificate, *SealState().key()));
  const auto authority = *pki::Certificate::Parse(pki::AsBytes(state.authority_der()));
  EXPECT_FALSE(ReferenceTo(*authority).ok()) << "UTCSCA";
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
