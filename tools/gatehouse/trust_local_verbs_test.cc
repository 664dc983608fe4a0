// trust verify and trust show, as a shell sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/testing/temporary_folder.h"
#include "tools/gatehouse/progress_bar.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/verbs_for_tests.h"

namespace gatehouse::cli {
namespace {

using namespace pki::specimen;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TrustLocalVerbsTest : public ::testing::Test {
 protected:
  struct Result {
    int exit_code;
    std::vector<nlohmann::json> lines;
    std::string err;
  };
  Result Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"trust", "--json"});
    const VerbResult result = Gatehouse(std::move(arguments));
    std::vector<nlohmann::json> lines;
    std::istringstream in(result.out);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return {result.exit_code, lines, result.err};
  }
  Result Verify(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"verify", "--local", "--at", "2026-06-15"});
    return Run(arguments);
  }
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_.File(name), std::ios::binary) << content;
    return folder_.File(name);
  }
  // The same each time: a signature of an elliptic curve is not.
  const std::string& Signer(int serial) {
    std::string& made = signers_[serial];
    if (!made.empty()) return made;
    return made = MakeCertificate({.serial = serial,
                                   .key_info = key_.info,
                                   .authority_key_identifier = "key",
                                   .key_usage = 0x80,
                                   .algorithm = DefaultAlgorithm("prime256v1")},
                                  key_);
  }
  std::string Entry(int serial, const std::string& more) {
    return absl::StrCat("dn: sn=", serial, ",o=dsc,c=UT,dc=data\n", more,
                        "userCertificate;binary:: ", absl::Base64Escape(Signer(serial)), "\n\n");
  }

  testing::TemporaryFolder folder_;
  Key key_{"prime256v1"};
  std::map<int, std::string> signers_;
  std::string authority_ = Write("csca.der", MakeCertificate({.subject = Name("UT", "CSCA"),
                                                              .not_after = "350101000000Z",
                                                              .key_info = key_.info,
                                                              .subject_key_identifier = "key",
                                                              .authority_key_identifier = "key",
                                                              .authority = true,
                                                              .key_usage = 0x06,
                                                              .algorithm = DefaultAlgorithm("prime256v1")},
                                                             key_));
  std::string signer_ = Write("dsc.der", Signer(7));
};

TEST_F(TrustLocalVerbsTest, ACertificateIsValidUnderItsAuthorityAndUndeterminedWithoutIt) {
  const Result trusted = Verify({"--trust", authority_, signer_});
  EXPECT_EQ(trusted.exit_code, kDone) << trusted.err;
  ASSERT_THAT(trusted.lines, SizeIs(1));
  EXPECT_EQ(trusted.lines[0]["overall"], "valid");
  EXPECT_EQ(trusted.lines[0]["issuer"]["source"], authority_);
  EXPECT_EQ(trusted.lines[0]["country"], "UT");

  const Result alone = Verify({signer_});
  EXPECT_EQ(alone.exit_code, kCheckSaysNo);
  EXPECT_EQ(alone.lines.at(0)["overall"], "undetermined");
  EXPECT_TRUE(alone.lines[0]["issuer"].is_null());
  EXPECT_NE(alone.lines[0]["reason"], "");
}

TEST_F(TrustLocalVerbsTest, EveryInputHasItsLineInItsPlace) {
  const std::string garbage = Write("garbage", "nothing"), broken = Write("broken.der", Signer(7).substr(0, 100) + "x");
  const Result result = Verify({"--trust", authority_, folder_.File("absent"), garbage, broken, signer_});
  EXPECT_EQ(result.exit_code, kBadUsage);
  ASSERT_THAT(result.lines, SizeIs(4));
  EXPECT_EQ(result.lines[0]["overall"], "undetermined");
  EXPECT_EQ(result.lines[1]["overall"], "undetermined");
  EXPECT_NE(result.lines[2]["overall"], "valid");
  EXPECT_EQ(result.lines[3]["overall"], "valid");
}

TEST_F(TrustLocalVerbsTest, AListAmongTheCertificatesIsTakenAsTrustWithAWord) {
  const std::string list = Write("all.ldif", Entry(7, "pkdVersion: 3\n"));
  const Result result = Verify({"--trust", authority_, list, signer_});
  EXPECT_EQ(result.exit_code, kDone) << result.err;
  ASSERT_THAT(result.lines, SizeIs(1));
  EXPECT_THAT(result.err, HasSubstr("taken as --trust"));
  EXPECT_EQ(result.lines[0]["pkd"]["version"], 3);
  EXPECT_EQ(Verify({list}).exit_code, kBadUsage) << "no certificate is left to judge";
}

TEST_F(TrustLocalVerbsTest, ADeltaThatDoesNotFollowIsRefusedWithWhatIsMissing) {
  const std::string whole = Write("whole.ldif", Entry(1, "pkdVersion: 10\n"));
  const std::string delta = Write("delta.ldif", Entry(2, "changetype: add\npkdVersion: 13\n"));
  const std::string next = Write("next.ldif", Entry(2, "changetype: add\npkdVersion: 11\n"));
  EXPECT_THAT(Verify({"--trust", whole, "--trust", delta, signer_}).err, HasSubstr("missing 11 to 12"));
  EXPECT_THAT(Verify({"--trust", whole, "--trust", next, "--trust", authority_, signer_}).err, IsEmpty());
}

TEST_F(TrustLocalVerbsTest, ListSaysWhereAnEntryIsFromAndWhatTheDirectorySaysOfIt) {
  std::string odd = Entry(8, "pkdConformanceCode: ERR:DSC.EKU.4\n");
  odd.replace(odd.find("dc=data"), 7, "dc=nc-data");
  const std::string list = Write("all.ldif", Entry(7, "") + odd);
  const Result result = Run({"list", "--local", list, authority_});
  EXPECT_EQ(result.exit_code, kDone) << result.err;
  ASSERT_THAT(result.lines, SizeIs(3));
  std::map<std::string, nlohmann::json> by_serial;
  for (const nlohmann::json& line : result.lines) {
    if (line["kind"] == "dsc") by_serial[line["serial"]] = line;
  }
  EXPECT_EQ(by_serial.at("07")["nonconformant"], false);
  EXPECT_EQ(by_serial.at("08")["nonconformant"], true);
  EXPECT_EQ(by_serial.at("08")["conformance_code"], "ERR:DSC.EKU.4");
  EXPECT_EQ(by_serial.at("08")["chain"], "valid");
  EXPECT_EQ(by_serial.at("08")["source"], list);
  EXPECT_EQ(Run({"list", "--local"}).exit_code, kBadUsage);
}

TEST_F(TrustLocalVerbsTest, ShowFindsAnElementByItsDigest) {
  const std::string digest = Verify({"--trust", authority_, signer_}).lines.at(0)["sha256"];
  const Result shown = Run({"show", "--local", "--trust", authority_, "--trust", signer_, digest});
  EXPECT_EQ(shown.exit_code, kDone) << shown.err;
  ASSERT_THAT(shown.lines, SizeIs(1));
  EXPECT_EQ(shown.lines[0]["state"], "given");
  EXPECT_EQ(shown.lines[0]["key"], "EC prime256v1");
  EXPECT_EQ(shown.lines[0]["entry"]["sha256"], digest);
  EXPECT_EQ(shown.lines[0]["entry"]["source"], signer_);
  EXPECT_EQ(shown.lines[0]["entry"]["chain"], "valid");
  const Result by_beginning = Run({"show", "--local", "--trust", authority_, "--trust", signer_, digest.substr(0, 16)});
  EXPECT_EQ(by_beginning.exit_code, kDone) << by_beginning.err;
  EXPECT_EQ(by_beginning.lines, shown.lines);
  EXPECT_EQ(Run({"show", "--local", "--trust", authority_, digest}).exit_code, kBadUsage) << "it is not there";
  EXPECT_EQ(Run({"show", "--local", "--trust", authority_, digest, authority_}).exit_code, kBadUsage);
}

TEST(ProgressBarTest, IsDrawnOnlyWhereSomebodyWatchesAndGoesAway) {
  std::ostringstream err;
  Context context;
  context.err = &err;
  {
    ProgressBar nobody(context, absl::ZeroDuration());
    nobody.Show("verifying", 1, 2);
  }
  EXPECT_THAT(err.str(), IsEmpty());
  context.progress = true;
  {
    ProgressBar quick(context, absl::Hours(1));
    quick.Show("verifying", 2, 2);
  }
  EXPECT_THAT(err.str(), IsEmpty()) << "done before anybody could wonder";
  {
    ProgressBar bar(context, absl::ZeroDuration());
    bar.Show("verifying", 10, 30);
    bar.Show("verifying", 30, 30);
    EXPECT_THAT(err.str(), HasSubstr("verifying [##########....................] 10 of 30"));
    EXPECT_THAT(err.str(), HasSubstr("30 of 30"));
  }
  EXPECT_THAT(err.str(), EndsWith("\r\x1b[K")) << "the line is gone";
}

TEST_F(TrustLocalVerbsTest, ShowCountsWhatFilesHold) {
  const std::string list = Write("all.ldif", Entry(7, "pkdVersion: 3\n") + "dn: nonsense\nx: 1\n\n" + Entry(8, ""));
  const Result result = Run({"show", "--local", list, authority_, folder_.File("absent")});
  EXPECT_EQ(result.exit_code, kBadUsage);
  ASSERT_THAT(result.lines, SizeIs(3));
  EXPECT_EQ(result.lines[0]["kind"], "pkd_ldif");
  EXPECT_EQ(result.lines[0]["certificates"], 2);
  EXPECT_EQ(result.lines[0]["pkd"]["last_version"], 3);
  EXPECT_THAT(result.lines[0]["skipped"], SizeIs(1));
  EXPECT_EQ(result.lines[1]["kind"], "certificate");
  EXPECT_EQ(result.lines[2]["input"], folder_.File("absent"));
}

}  // namespace
}  // namespace gatehouse::cli
