// A document's chip read end to end by the command line: the software chip in process and as a card in a real pcscd, a
// clone caught by both proofs, and JMRTD, which knows nothing of us, reading the same chip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/match.h"
#include "libs/mrz/parse.h"
#include "libs/testing/servers.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/card_reader.h"
#include "tests/integration/cli.h"
#include "tests/integration/country.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kDay = "2026-11-25T00:00:00Z";

// `specimen soft-chip`: chip, clones, trust.
std::string MakeChip(const std::string& name, Arguments further) {
  static const auto& folder = *new gatehouse::testing::TemporaryFolder;
  further.insert(further.begin(), {"--seed", "11", "--at", kDay});
  const absl::Status made = MakeSoftChip(folder.File(name), further);
  EXPECT_TRUE(made.ok()) << made;
  return folder.File(name);
}

const std::string& ByBac() {
  static const std::string& folder = *new std::string(MakeChip("bac", {"--pace", "none"}));
  return folder;
}

const std::string& ByPace() {
  static const std::string& folder =
      *new std::string(MakeChip("pace", {"--no-bac", "--active-authentication", "ecdsa"}));
  return folder;
}

// `gatehouse document read` of a chip with the zone printed on its document.
json Read(const std::string& country, const std::string& chip, Arguments from, int exit_code) {
  Arguments arguments = {"document", "read", "--mrz", country + "/" + chip + "/mrz.txt", "--trust", country + "/trust",
                         "--at",     kDay,   "--json"};
  arguments.insert(arguments.end(), from.begin(), from.end());
  const Answer answer = RunGatehouse(arguments);
  EXPECT_EQ(answer.exit_code, exit_code) << answer.err << answer.out;
  EXPECT_EQ(answer.lines.size(), 1u) << answer.err;
  return answer.lines.empty() ? json::object() : answer.lines[0];
}

json ReadInProcess(const std::string& country, const std::string& chip, int exit_code) {
  return Read(country, chip, {"--soft-chip", country + "/" + chip}, exit_code);
}

void ExpectGenuine(const json& report, const std::string& protocol) {
  EXPECT_EQ(report["overall"], "valid") << report.dump(1);
  EXPECT_THAT(report["access"]["protocol"].get<std::string>(), StartsWith(protocol));
  EXPECT_EQ(report["active_authentication"], "successful");
  EXPECT_EQ(report["chip_authentication"], "successful");
  EXPECT_EQ(report["clone_reason"], "");
}

void ExpectClone(const json& report) {
  EXPECT_EQ(report["overall"], "invalid") << report.dump(1);
  EXPECT_EQ(report["active_authentication"], "failed");
  EXPECT_EQ(report["chip_authentication"], "failed");
  EXPECT_THAT(report["clone_reason"].get<std::string>(), HasSubstr("copy"));
  // The files are genuine, every one: only the chip is not.
  EXPECT_EQ(report["checks"]["sod_signature"], "valid");
}

TEST(ChipReadingTest, InProcessByBac) { ExpectGenuine(ReadInProcess(ByBac(), "chip", kDone), "BAC"); }

TEST(ChipReadingTest, InProcessByPace) { ExpectGenuine(ReadInProcess(ByPace(), "chip", kDone), "PACE-ECDH-GM"); }

TEST(ChipReadingTest, InProcessByIntegratedAndChipAuthenticationMapping) {
  const std::string im = MakeChip("im", {"--pace", "im", "--no-bac", "--cipher", "aes_256"});
  ExpectGenuine(ReadInProcess(im, "chip", kDone), "PACE-ECDH-IM");
  const std::string cam = MakeChip("cam", {"--pace", "cam", "--no-bac", "--group", "16"});
  ExpectGenuine(ReadInProcess(cam, "chip", kDone), "PACE-ECDH-CAM");
}

TEST(ChipReadingTest, AClonedChipIsCaught) {
  ExpectClone(ReadInProcess(ByBac(), "clone", kCheckSaysNo));
  ExpectClone(ReadInProcess(ByPace(), "clone", kCheckSaysNo));
}

// A copy that answers nothing has given a wrong answer.
TEST(ChipReadingTest, AChipThatKeepsSilentIsNoBetter) {
  const json report = ReadInProcess(ByPace(), "clone-without-keys", kCheckSaysNo);
  EXPECT_EQ(report["overall"], "invalid") << report.dump(1);
  EXPECT_EQ(report["active_authentication"], "failed");
}

// Of a document that has Chip Authentication alone: a copy that refuses it is told apart from a reader that does not
// ask.
TEST(ChipReadingTest, RefusingChipAuthenticationIsFailingIt) {
  const std::string only_ca = MakeChip("only-ca", {"--active-authentication", "none"});
  for (const char* copy : {"clone", "clone-without-keys"}) {
    const json report = ReadInProcess(only_ca, copy, kCheckSaysNo);
    EXPECT_EQ(report["overall"], "invalid") << report.dump(1);
    EXPECT_EQ(report["chip_authentication"], "failed") << copy;
    EXPECT_THAT(report["clone_reason"].get<std::string>(), HasSubstr("copy"));
  }
  EXPECT_EQ(ReadInProcess(only_ca, "chip", kDone)["overall"], "valid");
  const json not_asked =
      Read(only_ca, "chip", {"--soft-chip", only_ca + "/chip", "--no-chip-authentication"}, kCheckSaysNo);
  EXPECT_EQ(not_asked["overall"], "undetermined");
  EXPECT_EQ(not_asked["chip_authentication"], "undetermined");
  EXPECT_EQ(not_asked["clone_reason"], "");
}

TEST(ChipReadingTest, ATerminalReadsFingerprints) {
  const std::string& country = ByPace();
  const json report =
      Read(country, "chip", {"--soft-chip", country + "/chip", "--terminal", country + "/terminal"}, kDone);
  ASSERT_TRUE(report.contains("access"));
  bool read = false;
  for (const json& file : report["access"]["files"]) read = read || (file["name"] == "DG3" && file["whole"] == true);
  EXPECT_TRUE(read) << report["access"].dump(1);
}

// What `verify` takes of files, `read` takes of a chip: a policy of one's own, and the report alone. The policy trusts
// no reader's challenge, and need not: this process issued it.
TEST(ChipReadingTest, ReadsByAPolicyAndPrintsTheReportAlone) {
  static const auto& folder = *new gatehouse::testing::TemporaryFolder;
  std::ifstream built_in("deploy/policy/document.textproto");
  std::string policy((std::istreambuf_iterator<char>(built_in)), std::istreambuf_iterator<char>());
  policy.replace(policy.find("gatehouse-default"), 17, "desk-of-utopia");
  std::ofstream(folder.File("policy.textproto")) << policy;
  const std::string& country = ByPace();
  for (const auto& [format, expected] : {std::pair("json", "\"policy_name\""), std::pair("xml", "<?xml")}) {
    const absl::StatusOr<Output> output =
        RunProgram({BinFolder() + "/gatehouse", "document", "read", "--mrz", country + "/chip/mrz.txt", "--soft-chip",
                    country + "/chip", "--trust", country + "/trust", "--policy", folder.File("policy.textproto"),
                    "--at", kDay, "--format", format},
                   absl::Minutes(1));
    ASSERT_TRUE(output.ok()) << output.status();
    EXPECT_EQ(output->exit_code, kDone) << output->err;
    EXPECT_THAT(output->out, HasSubstr(expected));
    EXPECT_THAT(output->out, HasSubstr("desk-of-utopia"));
  }
}

TEST(ChipReadingTest, AWrongCardAccessNumberOpensNothing) {
  const std::string& country = ByPace();
  const Answer answer = RunGatehouse({"document", "read", "--soft-chip", country + "/chip", "--can", "111111",
                                      "--trust", country + "/trust", "--at", kDay, "--json"});
  EXPECT_EQ(answer.exit_code, kCheckSaysNo) << answer.err;
  ASSERT_EQ(answer.lines.size(), 1u);
  EXPECT_EQ(answer.lines[0]["overall"], "undetermined");
}

class CardTest : public ::testing::Test {
 protected:
  void SetUp() override { GH_REQUIRE_SERVER(reader_, CardReader::Start()); }

  json ReadCard(const std::string& country, const std::string& chip, int exit_code) {
    const absl::Status laid = reader_->Lay(country + "/" + chip);
    EXPECT_TRUE(laid.ok()) << laid;
    return Read(country, chip, {"--reader", CardReader::kName}, exit_code);
  }
  std::unique_ptr<CardReader> reader_;
};

TEST_F(CardTest, ReadsThroughPcscd) {
  ExpectGenuine(ReadCard(ByBac(), "chip", kDone), "BAC");
  ExpectGenuine(ReadCard(ByPace(), "chip", kDone), "PACE-ECDH-GM");
  ExpectClone(ReadCard(ByBac(), "clone", kCheckSaysNo));
}

TEST_F(CardTest, JmrtdReadsTheSoftwareChip) {
  Arguments jmrtd;
  GH_REQUIRE_SERVER(jmrtd, JmrtdCommand());
  for (const auto& [protocol, country] : {std::pair("bac", MakeChip("jmrtd-bac", {"--pace", "none"})),
                                          std::pair("pace", MakeChip("jmrtd-pace", {"--no-bac"}))}) {
    SCOPED_TRACE(protocol);
    ASSERT_TRUE(reader_->Lay(country + "/chip").ok());
    std::ifstream in(country + "/chip/mrz.txt");
    const std::string zone((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const mrz::ParsedMrz mrz = mrz::Parse(zone);
    const std::string number(mrz.document_number());
    Arguments arguments = jmrtd;
    for (const std::string_view argument :
         {std::string_view(protocol), std::string_view(number), mrz.birth_date(), mrz.expiry_date()}) {
      arguments.emplace_back(argument);
    }
    const absl::StatusOr<Output> output = RunProgram(arguments, absl::Minutes(2));
    ASSERT_TRUE(output.ok()) << output.status();
    EXPECT_EQ(output->exit_code, 0) << output->err;
    EXPECT_THAT(output->out, HasSubstr(std::string("access ") + protocol));
    EXPECT_THAT(output->out, HasSubstr("dg1 " + number));
    EXPECT_THAT(output->out, HasSubstr("chip_authentication done"));
    EXPECT_THAT(output->out, HasSubstr("active_authentication answered"));
  }
}

}  // namespace
}  // namespace gatehouse::integration
