// Every labelled seal of the shared data: what the index says of its header, its features and its signature.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "libs/emrtd/seals/presented.h"
#include "libs/emrtd/seals/verify.h"
#include "libs/mrz/states.h"
#include "libs/pki/trust_material.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::conformance {
namespace {

using namespace emrtd::seals;

struct Row {
  std::string file, kind, expected;
};

std::vector<Row> Rows(const std::string& kind) {
  std::ifstream index(TestData("emrtd/INDEX.tsv"));
  std::vector<Row> rows;
  std::string line;
  while (std::getline(index, line)) {
    std::stringstream fields(line);
    Row row;
    std::string source;
    std::getline(fields, row.file, '\t');
    std::getline(fields, row.kind, '\t');
    std::getline(fields, source, '\t');
    std::getline(fields, row.expected, '\t');
    if (row.kind == kind) rows.push_back(row);
  }
  return rows;
}

std::string Text(const std::string& file) {
  const auto bytes = ReadFile(TestData("emrtd") / file);
  return std::string(bytes.begin(), bytes.end());
}

// All signer certificates and country certificates beside the seals.
std::shared_ptr<const pki::TrustStore> Trust() {
  pki::TrustStore::Builder builder;
  for (const char* folder : {"emrtd/vds", "emrtd/vdsnc"}) {
    for (const auto& entry : std::filesystem::directory_iterator(TestData(folder))) {
      const std::string extension = entry.path().extension();
      if (extension != ".crt" && extension != ".der" && extension != ".cer") continue;
      const auto content = ReadFile(entry.path());
      pki::ReadTrustMaterial(entry.path(), pki::AsText(content)).AddTo(builder);
    }
  }
  return builder.Build();
}

SealReport Verify(const Seal& seal, const pki::TrustStore& trust) {
  return VerifySeal(seal, {.trust = &trust,
                           .countries = mrz::CertificateCountries,
                           .check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())});
}

TEST(SealConformanceTest, VisibleDigitalSeals) {
  const std::vector<Row> rows = Rows("VDS seal");
  if (rows.empty()) GTEST_SKIP() << "no labelled seals in " << TestData("emrtd/INDEX.tsv");
  const auto trust = Trust();
  // "v3 UTO UTTS5B issued 01012020 signed 12072025 feature fb06 tags [2, 3]; UTTS5B: valid(sha256)"
  const std::regex label(R"(v(\d) (\S+) +(\S+) issued (\d{8}) signed (\d{8}) feature (\w{4}) tags \[(.*)\]; (.*))");
  int without_certificate = 0, misread = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.file);
    std::smatch part;
    ASSERT_TRUE(std::regex_match(row.expected, part, label)) << row.expected;
    const auto seal = ReadSeal(Text(row.file));
    ASSERT_TRUE(seal.ok()) << seal.status();
    const SealReport report = Verify(*seal, *trust);
    EXPECT_EQ(seal->version, std::stoi(part[1]) + 1);
    EXPECT_EQ(seal->issuing_country, part[2].str());
    const std::string outcome = part[8];
    if (outcome == "no signature") {
      // The label's reader took the decimal length of the reference for a hexadecimal one, and read on in the wrong
      // place: dates of month 33. Read rightly, some have a signature; without the certificate nothing is known of it.
      EXPECT_EQ(report.signature, pki::SignatureState::kUndetermined);
      EXPECT_TRUE(seal->issue_date.possible() && seal->signature_date.possible());
      ++misread;
      continue;
    }
    EXPECT_EQ(seal->issue_date.digits, part[4].str());
    EXPECT_EQ(seal->signature_date.digits, part[5].str());
    EXPECT_EQ(seal->feature_definition, part[6].str());
    std::string tags;
    for (const Feature& feature : seal->features) tags += (tags.empty() ? "" : ", ") + std::to_string(feature.tag);
    EXPECT_EQ(tags, part[7].str());
    for (const Feature& feature : seal->features) EXPECT_NE(feature.name, "unknown") << feature.tag;
    const std::string signer = outcome.substr(0, outcome.find(':'));
    const bool at_hand = std::filesystem::exists(TestData("emrtd/vds") / ("cert_" + signer + ".crt"));
    if (outcome.find("valid(") != std::string::npos && at_hand) {
      EXPECT_EQ(report.signature, pki::SignatureState::kValid) << report.reason;
      EXPECT_EQ(report.chain, ChainState::kSignerGiven);
      EXPECT_EQ(report.country_match, emrtd::CountryState::kMatch);
      EXPECT_EQ(report.overall, emrtd::Overall::kUndetermined) << "no authority vouches for the signer";
    } else {
      EXPECT_EQ(report.signature, pki::SignatureState::kUndetermined);
      EXPECT_EQ(report.chain, ChainState::kUndetermined);
      ++without_certificate;
    }
  }
  std::cout << rows.size() << " seals, " << without_certificate << " without a certificate at hand, " << misread
            << " whose label was misread\n";
}

TEST(SealConformanceTest, SealsInJson) {
  const std::vector<Row> rows = Rows("VDS-NC");
  if (rows.empty()) GTEST_SKIP() << "no labelled VDS-NC in " << TestData("emrtd/INDEX.tsv");
  const auto trust = Trust();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.file);
    const auto seal = ReadSeal(Text(row.file));
    ASSERT_TRUE(seal.ok()) << seal.status();
    const SealReport report = Verify(*seal, *trust);
    const bool valid = row.expected.find("signature valid") != std::string::npos;
    EXPECT_EQ(report.signature, valid ? pki::SignatureState::kValid : pki::SignatureState::kInvalid);
    if (valid && row.expected.find("chain to CSCA_AUS ok") != std::string::npos) {
      EXPECT_EQ(report.chain, ChainState::kValid) << report.reason;
      EXPECT_EQ(report.overall, emrtd::Overall::kValid) << report.reason;
    }
  }
}

// No flip of a bit in what is signed or in the signature may leave a signature valid.
TEST(SealConformanceTest, EveryBitOfAVisibleSealCounts) {
  const std::vector<Row> rows = Rows("VDS seal");
  if (rows.empty()) GTEST_SKIP() << "no labelled seals in " << TestData("emrtd/INDEX.tsv");
  const auto trust = Trust();
  for (const Row& row : rows) {
    if (row.expected.find("UTTS5B: valid") == std::string::npos) continue;
    std::string bytes = *BytesOf(Text(row.file), 0xDC);
    if (bytes.size() > 200) continue;  // time
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      if (const auto seal = ReadSeal(bytes); seal.ok()) {
        EXPECT_NE(Verify(*seal, *trust).signature, pki::SignatureState::kValid) << row.file << " bit " << bit;
      }
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    }
    break;
  }
}

}  // namespace
}  // namespace gatehouse::conformance
