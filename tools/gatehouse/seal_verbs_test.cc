// issue-seal and verify-seal as a shell sees them: what one mints the other verifies; keys and exit codes are a
// contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "libs/emrtd/seals/seal_state_for_tests.h"
#include "libs/testing/temporary_folder.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/verbs_for_tests.h"

namespace gatehouse::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kFields[] = R"({
  "document_type": "visa", "issuing_country": "UTO", "issue_date": "2026-01-01", "signature_date": "2026-01-02",
  "features": {"number_of_entries": 2, "duration_of_stay": "P90D", "passport_number": "L898902C3"}})";
constexpr char kZone[] = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL898902C<3UTO6908061F9406236ZE184226\n";

class SealVerbsTest : public ::testing::Test {
 protected:
  SealVerbsTest() {
    Write("signer.der", state_.signer_der());
    Write("csca.der", state_.authority_der());
    Write("fields.json", kFields);
    Write("mrz.txt", kZone);
    FILE* file = fopen(Path("key.pem").c_str(), "w");
    PEM_write_PrivateKey(file, state_.private_key(), nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
  }
  std::string Path(const std::string& name) const { return folder_.File(name); }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
  }

  // Output in out_, diagnostics in err_; the exit code.
  int Gatehouse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "document");
    VerbResult result = cli::Gatehouse(std::move(arguments));
    out_ = std::move(result.out);
    err_ = std::move(result.err);
    return result.exit_code;
  }
  int Issue(const std::string& format) {
    return Gatehouse({"issue-seal", "--key", Path("key.pem"), "--certificate", Path("signer.der"), "--mrz",
                      Path("mrz.txt"), "--format", format, Path("fields.json")});
  }

  emrtd::seals::SealState state_;
  testing::TemporaryFolder folder_;
  std::string out_, err_;
};

TEST_F(SealVerbsTest, WhatIsMintedIsVerifiedInEveryFormat) {
  for (const char* format : {"hex", "binary", "base64"}) {
    SCOPED_TRACE(format);
    ASSERT_EQ(Issue(format), kDone) << err_;
    Write("seal", out_);
    ASSERT_EQ(Gatehouse({"verify-seal", "--json", "--trust", Path("csca.der"), "--trust", Path("signer.der"), "--at",
                         "2026-06-15", Path("seal")}),
              kDone)
        << out_ << err_;
    const json seal = json::parse(out_);
    EXPECT_EQ(seal["signature"], "valid");
    EXPECT_EQ(seal["chain"], "valid");
    EXPECT_EQ(seal["overall"], "valid");
    EXPECT_EQ(seal["issuing_country"], "UTO");
    EXPECT_EQ(seal["feature_definition"], "5d01");
    EXPECT_EQ(seal["issue_date"], "2026-01-01");
    EXPECT_EQ(seal["signature_date"], "2026-01-02");
    ASSERT_EQ(seal["features"].size(), 4u);
    EXPECT_EQ(seal["features"][1], json::parse(R"({"tag": 3, "name": "number_of_entries", "value": 2})"));
    EXPECT_EQ(seal["features"][2]["value"], "P90D");
  }
}

TEST_F(SealVerbsTest, TheChainSaysWhoVouches) {
  ASSERT_EQ(Issue("hex"), kDone) << err_;
  Write("seal", out_);
  EXPECT_EQ(Gatehouse({"verify-seal", "--json", "--trust", Path("signer.der"), Path("seal")}), kDone);
  EXPECT_EQ(json::parse(out_)["chain"], "signer_given");
  EXPECT_EQ(json::parse(out_)["overall"], "undetermined");
  EXPECT_EQ(Gatehouse({"verify-seal", "--json", "--trust", Path("csca.der"), Path("seal")}), kCheckSaysNo);
  EXPECT_EQ(json::parse(out_)["signature"], "undetermined");
  EXPECT_EQ(json::parse(out_)["chain"], "undetermined");
}

TEST_F(SealVerbsTest, AWrongRecordHasItsLine) {
  ASSERT_EQ(Issue("hex"), kDone) << err_;
  Write("seal", out_);
  Write("bad", "no seal");
  EXPECT_EQ(
      Gatehouse({"verify-seal", "--json", "--trust", Path("signer.der"), Path("bad"), Path("none"), Path("seal")}),
      kBadUsage);
  std::istringstream lines(out_);
  std::vector<std::string> signatures;
  for (std::string line; std::getline(lines, line);) signatures.push_back(json::parse(line)["signature"]);
  EXPECT_THAT(signatures, ElementsAre("undetermined", "undetermined", "valid"));
}

TEST_F(SealVerbsTest, RefusesToMintWhatIsWrong) {
  Write("fields.json", R"({"document_type": "visa", "issuing_country": "UTO", "version": "x"})");
  EXPECT_EQ(Issue("hex"), kBadUsage);
  Write("fields.json", R"({"document_type": "passport", "issuing_country": "UTO"})");
  EXPECT_EQ(Issue("hex"), kBadUsage);
  Write("fields.json", R"({"document_type": "visa", "document_type": "visa"})");
  EXPECT_EQ(Issue("hex"), kBadUsage);
  Write("fields.json", kFields);
  Write("signer.der", emrtd::seals::SealState().signer_der());
  EXPECT_EQ(Issue("hex"), kBadUsage);
  EXPECT_THAT(err_, HasSubstr("not that of the key"));
}

}  // namespace
}  // namespace gatehouse::cli
