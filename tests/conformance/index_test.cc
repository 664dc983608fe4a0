// Every kind of labelled data in emrtd/INDEX.tsv has a test that reads it: this list is the one place that says which.
// A kind that is not here fails, so that new data cannot lie unused. services/document/README.md shows the counts.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "libs/pki/signing_key.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::conformance {
namespace {

struct Kind {
  std::string_view kind;  // as INDEX.tsv writes it
  std::string_view test;  // target of tests/conformance
};
constexpr Kind kKinds[] = {
    {"synthetic eMRTD (own keys)", "passive_authentication_conformance_test"},
    {"eMRTD test chip", "passive_authentication_conformance_test"},
    {"data group sample", "lds_conformance_test"},
    {"Active Authentication vectors (synthetic)", "active_authentication_conformance_test"},
    {"test key", "index_conformance_test"},
    {"CSCA certificate", "master_list_conformance_test"},
    {"CSCA (real)", "master_list_conformance_test"},
    {"CSCA (synthetic)", "master_list_conformance_test"},
    {"DSC certificate (public)", "master_list_conformance_test"},
    {"CRL (real)", "master_list_conformance_test"},
    {"master list", "master_list_conformance_test"},
    {"master list (synthetic)", "master_list_conformance_test"},
    {"PKD LDIF (synthetic)", "master_list_conformance_test"},
    {"deviation list (synthetic)", "master_list_conformance_test"},
    {"CV certificate (TA)", "cv_certificate_conformance_test"},
    {"worked-example values", "access_conformance_test"},
    {"MRZ lines", "mrz_conformance_test"},
    {"VDS seal", "seals_conformance_test"},
    {"VDS signer certificate", "seals_conformance_test"},
    {"VDS-NC", "seals_conformance_test"},
};

// Rows by kind.
std::map<std::string, int> CountKinds() {
  std::ifstream index(TestData("emrtd/INDEX.tsv"));
  std::map<std::string, int> counts;
  std::string line;
  std::getline(index, line);  // titles
  while (std::getline(index, line)) {
    const size_t begin = line.find('\t');
    if (begin == std::string::npos) continue;
    const size_t end = line.find('\t', begin + 1);
    ++counts[line.substr(begin + 1, end - begin - 1)];
  }
  return counts;
}

TEST(IndexConformanceTest, EveryKindOfLabelledDataHasATest) {
  const auto counts = CountKinds();
  if (counts.empty()) GTEST_SKIP() << "no " << TestData("emrtd/INDEX.tsv") << ": set GATEHOUSE_DATA";
  for (const auto& [kind, count] : counts) {
    const bool covered = std::any_of(std::begin(kKinds), std::end(kKinds),
                                     [&kind = kind](const Kind& known) { return known.kind == kind; });
    EXPECT_TRUE(covered) << count << " rows of kind '" << kind << "' are read by no test";
  }
}

// The keys beside a test chip are those of its data groups, and what they sign verifies.
TEST(IndexConformanceTest, TestKeysBelongToTheirDataGroups) {
  const auto root = TestData("emrtd/chips");
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no test chips: set GATEHOUSE_DATA";
  int keys = 0;
  for (const auto& folder : std::filesystem::directory_iterator(root)) {
    for (const char* number : {"14", "15"}) {
      const auto path = folder.path() / (std::string("DG") + number + "_pk.bin");
      if (!std::filesystem::exists(path)) continue;
      SCOPED_TRACE(path);
      const auto info = ReadFile(path), group = ReadFile(folder.path() / (std::string("Datagroup") + number + ".bin"));
      EXPECT_NE(pki::AsText(group).find(pki::AsText(info)), std::string_view::npos);
      const auto key = pki::PublicKey::Parse(info);
      ASSERT_TRUE(key.ok()) << key.status();

      const auto secret = pki::ReadSigningKey(ReadFile(folder.path() / (std::string("DG") + number + "_sk.pkcs8")));
      ASSERT_TRUE(secret.ok()) << secret.status();
      const auto digest = pki::ComputeDigest(pki::Digest::kSha224, pki::AsBytes("challenge"));
      const auto signature = (*secret)->SignDigest(pki::Digest::kSha224, digest.bytes());
      ASSERT_TRUE(signature.ok()) << signature.status();
      const auto scheme = key->is_rsa() ? pki::SignatureScheme::kRsaPkcs1 : pki::SignatureScheme::kEcdsaPlain;
      EXPECT_TRUE(key->Verify({scheme, pki::Digest::kSha224}, pki::Digest::kSha224, digest, *signature).ok());
      ++keys;
    }
  }
  EXPECT_GE(keys, 2);
}

}  // namespace
}  // namespace gatehouse::conformance
