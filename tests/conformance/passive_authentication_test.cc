// Labelled chips: every state of expected.json, word for word; test chips whose country certificate was never
// published.
#include "libs/emrtd/passive_authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "libs/mrz/states.h"
#include "libs/pki/trust_material.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::emrtd {
namespace {

namespace fs = std::filesystem;
using conformance::ReadFile;
using conformance::TestData;

struct Chip {
  std::map<std::string, std::vector<uint8_t>> files;

  explicit Chip(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename()] = ReadFile(entry.path());
  }
  std::optional<Bytes> Find(const std::string& name) const {
    const auto found = files.find(name);
    return found == files.end() ? std::nullopt : std::optional<Bytes>(found->second);
  }
  ChipFiles Files(const std::string& data_group_prefix, const std::string& com, const std::string& sod) const {
    ChipFiles chip{.com = Find(com), .security_object = Find(sod)};
    for (int number = 1; number <= 16; ++number) {
      if (auto file = Find(data_group_prefix + std::to_string(number) + ".bin"))
        chip.data_groups.push_back({number, *file});
    }
    return chip;
  }
};

nlohmann::json Words(const PassiveAuthenticationReport& report) {
  nlohmann::json data_groups = nlohmann::json::object();
  for (const DataGroupResult& group : report.data_groups) {
    data_groups[std::to_string(group.number)] = ToWord(group.state);
  }
  return {{"sod_signature", ToWord(report.sod_signature)},
          {"dsc_signature", ToWord(report.dsc_signature)},
          {"chain", ToWord(report.chain)},
          {"dsc_validity_at_check", ToWord(report.dsc_validity_at_check)},
          {"csca_validity_at_check", ToWord(report.csca_validity_at_check)},
          {"dsc_validity_at_signing", ToWord(report.dsc_validity_at_signing)},
          {"revocation", ToWord(report.revocation)},
          {"dg_hashes", data_groups},
          {"country_match", ToWord(report.country_match)},
          {"overall", ToWord(report.overall)}};
}

TEST(PassiveAuthenticationConformanceTest, JudgesEveryLabelledChipAsLabelled) {
  const fs::path root = TestData("emrtd/synthetic");
  if (!fs::exists(root)) GTEST_SKIP() << "no labelled chips: set GATEHOUSE_DATA";
  int judged = 0;
  for (const auto& folder : fs::directory_iterator(root)) {
    SCOPED_TRACE(folder.path().filename());
    const Chip chip(folder.path());
    const auto label = chip.Find("expected.json");
    ASSERT_TRUE(label);
    const auto expected = nlohmann::json::parse(label->begin(), label->end());

    pki::TrustStore::Builder builder;
    for (const auto& [name, file] : chip.files) {
      if (!name.starts_with("csca")) continue;  // authorities and csca.crl
      const pki::TrustMaterial material = pki::ReadTrustMaterial(name, pki::AsText(file));
      ASSERT_FALSE(material.empty()) << name;
      material.AddTo(builder);
    }
    const auto trust = builder.Build();
    PassiveAuthenticationInput input{.files = chip.Files("EF.DG", "EF.COM.bin", "EF.SOD.bin"),
                                     .trust = trust.get(),
                                     .countries = mrz::CertificateCountries};
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(expected["check_time"]), &input.check_time, &error));

    const PassiveAuthenticationReport report = PassiveAuthentication(input);
    EXPECT_EQ(Words(report), expected["expected"]) << expected["desc"] << "\n"
                                                   << report.sod_signature_reason << report.chain_reason;
    ++judged;
  }
  EXPECT_GE(judged, 16);
}

TEST(PassiveAuthenticationConformanceTest, ReadsTestChipsWhoseAuthorityIsUnknown) {
  const fs::path root = TestData("emrtd/chips");
  if (!fs::exists(root)) GTEST_SKIP() << "no test chips: set GATEHOUSE_DATA";
  for (const char* name : {"bsi2008", "bsi_tr03105_hjp"}) {
    SCOPED_TRACE(name);
    const Chip chip(root / name);
    const auto trust = pki::TrustStore::Builder().Build();
    const PassiveAuthenticationReport report =
        PassiveAuthentication({.files = chip.Files("Datagroup", "EF_COM.bin", "EF_SOD.bin"),
                               .trust = trust.get(),
                               .countries = mrz::CertificateCountries,
                               .check_time = absl::FromUnixSeconds(1'780'000'000)});
    EXPECT_EQ(report.sod_signature, SignatureState::kValid) << report.sod_signature_reason;
    EXPECT_EQ(report.chain, ChainState::kNoTrustAnchor);
    for (const DataGroupResult& group : report.data_groups) {
      if (group.number == 15) continue;
      EXPECT_THAT(group.state, testing::AnyOf(DataGroupState::kIdentical, DataGroupState::kPresent))
          << "DG" << group.number;
    }
    // Both folders hold a DG15 that the security object does not list: nobody signed it.
    EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, Defect::kDataGroupNotSigned)));
    EXPECT_EQ(report.overall, Overall::kInvalid);
  }
}

}  // namespace
}  // namespace gatehouse::emrtd
