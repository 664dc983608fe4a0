// The State in the zone against the country in the certificates, with the table of Doc 9303-3: the codes that ISO 3166
// does not have, organisations, and countries written in lower case.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/specimen_for_tests.h"
#include "libs/mrz/states.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;
using specimen::Chip;
using specimen::Keys;

struct Case {
  const char* state;    // as printed, with its fillers
  const char* country;  // of the signer and of its authority
  CountryState match;
};

PassiveAuthenticationReport VerifyChipOf(const std::string& state, const std::string& signer_country,
                                         const std::string& authority_country) {
  static const Keys& keys = *new Keys("prime256v1");
  Chip chip(keys);
  chip.authority.subject = chip.authority.issuer = chip.signer.issuer = Name(authority_country, "CSCA");
  chip.signer.subject = Name(signer_country, "DS");
  chip.security_object.signer_identifier = IssuerAndSerial(chip.signer.issuer, chip.signer.serial);
  std::string zone =
      "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
      "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
  zone.replace(2, 3, state);
  chip.data_groups[1] = specimen::MakeDataGroup1(zone);
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  return PassiveAuthentication({.files = chip.files(),
                                .trust = trust.get(),
                                .countries = mrz::CertificateCountries,
                                .check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())});
}

class IssuingStateTest : public testing::TestWithParam<Case> {};

TEST_P(IssuingStateTest, AgreesWithTheCountryOfTheCertificatesOrNot) {
  const Case& one = GetParam();
  const auto report = VerifyChipOf(one.state, one.country, one.country);
  EXPECT_EQ(report.country_match, one.match) << ToWord(report.country_match);
  const Overall overall = one.match == CountryState::kMatch      ? Overall::kValid
                          : one.match == CountryState::kMismatch ? Overall::kInvalid
                                                                 : Overall::kUndetermined;
  EXPECT_EQ(report.overall, overall) << ToWord(report.overall);
}

constexpr auto kMatch = CountryState::kMatch, kMismatch = CountryState::kMismatch,
               kUndetermined = CountryState::kUndetermined;
constexpr Case kCases[] = {
    {"D<<", "DE", kMatch},
    {"D<<", "UT", kMismatch},
    {"DEU", "DE", kMatch},
    {"GBR", "GB", kMatch},
    {"GBD", "GB", kMatch},
    {"GBN", "GB", kMatch},
    {"GBO", "GB", kMatch},
    {"GBP", "GB", kMatch},
    {"GBS", "GB", kMatch},
    {"GBD", "DE", kMismatch},
    {"UNO", "UN", kMatch},
    {"UNO", "ZZ", kMatch},
    {"UNA", "UN", kMatch},
    {"UNA", "ZZ", kMatch},
    {"UNK", "UN", kMatch},
    {"UNO", "EU", kMismatch},
    {"EUE", "EU", kMatch},
    {"EUE", "DE", kMismatch},
    {"RKS", "KS", kMatch},
    {"RKS", "XK", kMatch},
    {"RKS", "RS", kMismatch},
    {"SRB", "KS", kMismatch},
    {"UTO", "UT", kMatch},
    {"UTO", "UN", kMismatch},
    {"XOM", "XO", kMatch},
    {"XOM", "IT", kMismatch},
    {"TWN", "TW", kMatch},
    {"TWN", "CN", kMismatch},
    {"HKG", "CN", kMatch},
    {"HKG", "MO", kMismatch},
    {"MAC", "CN", kMatch},
    {"CHN", "HK", kMismatch},
    {"FXX", "FR", kMatch},
    {"VAT", "VA", kMatch},
    {"VAT", "IT", kMismatch},
    // No two letters are assigned to these: nobody can say whose certificate it is.
    {"XPO", "XP", kUndetermined},
    {"XBA", "CI", kUndetermined},
    {"XCE", "FR", kUndetermined},
    // Nobody issues under the codes of persons without a nationality, and nobody knows these.
    {"XXA", "DE", kUndetermined},
    {"XYZ", "UT", kUndetermined},
    {"<<<", "UT", kUndetermined},
};
INSTANTIATE_TEST_SUITE_P(States, IssuingStateTest, testing::ValuesIn(kCases), [](const auto& one) {
  std::string name = one.param.state;
  std::replace(name.begin(), name.end(), '<', '_');
  return name + "By" + one.param.country;
});

TEST(IssuingStateSpellingTest, ALowerCaseCountryIsTheSameAndNamed) {
  for (const char* country : {"ut", "Ut"}) {
    const auto report = VerifyChipOf("UTO", country, country);
    EXPECT_EQ(report.country_match, CountryState::kMatch);
    EXPECT_EQ(report.overall, Overall::kValid);
    EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, Defect::kCountryWrittenLowerCase)));
  }
  EXPECT_EQ(VerifyChipOf("UTO", "de", "de").overall, Overall::kInvalid);
}

TEST(IssuingStateSpellingTest, BothTheSignerAndItsAuthorityMustBeOfTheState) {
  EXPECT_EQ(VerifyChipOf("UTO", "UT", "DE").country_match, CountryState::kMismatch);
  EXPECT_EQ(VerifyChipOf("UTO", "DE", "UT").country_match, CountryState::kMismatch);
  EXPECT_EQ(VerifyChipOf("UNO", "UN", "ZZ").country_match, CountryState::kMatch);
}

}  // namespace
}  // namespace gatehouse::emrtd
