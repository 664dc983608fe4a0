// Chapter: chips at the desk. A reader asks the service for a challenge, what it read is judged by the service, signed,
// and judged again later; a copied chip clears nobody.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

json ReadJson(const std::string& path) { return json::parse(ReadFile(path)); }

// A check of a document's report.
json ReportCheck(const json& report, const std::string& id) {
  for (const json& check : report.value("tr03135", json::array())) {
    if (check.value("id", "") == id) return check;
  }
  ADD_FAILURE() << "no check " << id << " in " << report.dump(1);
  return json::object();
}

std::string FactOf(const json& check, const std::string& name) {
  for (const json& fact : check["evidence"]["facts"]) {
    if (fact.value("name", "") == name) return fact.value("value", "");
  }
  return "";
}

// A document with a chip and its copies, whose State is trusted from the first chapter on that asks for it.
class ChipDesk {
 public:
  explicit ChipDesk(Story& story) : story_(story), folder_(story.File("chips")) {
    if (std::filesystem::exists(folder_)) return;
    const absl::Status made = MakeSoftChip(folder_, {"--seed", "23", "--active-authentication", "ecdsa"});
    EXPECT_TRUE(made.ok()) << made;
    const Answer imported = story.As("trust-operator", "document")({"trust", "import", folder_ + "/trust"});
    EXPECT_EQ(imported.exit_code, kDone) << imported.err;
    if (imported.lines.empty()) return;
    const std::string id = imported.lines[0].value("import_id", "");
    EXPECT_EQ(story.As("trust-operator-2", "document")({"trust", "accept", id}).exit_code, kDone);
  }

  Caller Officer() const { return story_.As("officer-1", "document"); }

  // The verb that reads `chip` with the zone printed on its document.
  Arguments Read(const std::string& chip, const Arguments& further) const {
    Arguments verb = {"document",           "read",  "--soft-chip",
                      folder_ + "/" + chip, "--mrz", folder_ + "/" + chip + "/mrz.txt"};
    verb.insert(verb.end(), further.begin(), further.end());
    return verb;
  }

  // Reads `chip` with a challenge of the service, judges nothing, and returns the folder of what was read.
  std::string ReadOnly(const std::string& chip, const std::string& name) const {
    const std::string out = story_.File(name);
    const Answer answer = Officer()(Read(chip, {"--out", out, "--no-verify"}));
    EXPECT_EQ(answer.exit_code, kDone) << answer.err;
    return out;
  }

  json Verify(const std::string& folder, int exit_code) const {
    const Answer answer = Officer()({"document", "verify", folder});
    EXPECT_EQ(answer.exit_code, exit_code) << answer.err;
    return answer.lines.size() == 1 ? answer.lines[0] : json::object();
  }

 private:
  Story& story_;
  const std::string folder_;
};

TEST_P(StoryTest, AChipIsReadWithAChallengeOfTheService) {
  const ChipDesk desk(story());
  const Answer read = desk.Officer()(desk.Read("chip", {}));
  EXPECT_EQ(read.exit_code, kDone) << read.err;
  ASSERT_THAT(read.lines, SizeIs(1));
  EXPECT_EQ(read.lines[0].value("overall", ""), "valid") << read.lines[0].value("summary", "");
  const json proof = ReportCheck(read.lines[0], "active_authentication");
  EXPECT_EQ(proof.value("state", ""), "successful") << proof;
  EXPECT_EQ(FactOf(proof, "challenge"), "issued here");
  EXPECT_EQ(ReportCheck(read.lines[0], "chip_cloning").value("state", ""), "successful");
}

// The service remembers what it issued, whoever brings the answer, and forgets it with the first answer.
TEST_P(StoryTest, AChallengeIsGoodForOneAnswer) {
  const ChipDesk desk(story());
  const std::string folder = desk.ReadOnly("chip", "read-once");
  const json answer = ReadJson(folder + "/reading.json")["active_authentication"];
  EXPECT_THAT(answer.value("challenge_id", ""), SizeIs(32));

  const json first = ReportCheck(desk.Verify(folder, kDone), "active_authentication");
  EXPECT_EQ(first.value("state", ""), "successful") << first;
  EXPECT_EQ(FactOf(first, "challenge"), "issued here");

  // The folder still has the octets of the challenge: nobody believes them.
  const json second = ReportCheck(desk.Verify(folder, kDone), "active_authentication");
  EXPECT_EQ(second.value("state", ""), "undetermined") << second;
  EXPECT_THAT(second.value("detail", ""), HasSubstr("used before"));
}

TEST_P(StoryTest, AChallengeThatWasNeverIssuedProvesNothing) {
  const ChipDesk desk(story());
  const std::string folder = desk.ReadOnly("chip", "never-issued");
  json reading = ReadJson(folder + "/reading.json");
  reading["active_authentication"]["challenge_id"] = "00112233445566778899aabbccddeeff";
  std::ofstream(folder + "/reading.json") << reading;
  EXPECT_EQ(ReportCheck(desk.Verify(folder, kDone), "active_authentication").value("state", ""), "undetermined");
}

class SignedReport {
 public:
  SignedReport(Story& story, const std::string& name, const std::string& text)
      : story_(story), file_(story.File(name)) {
    std::ofstream(file_) << text;
  }

  Answer VerifySignature() const {
    return RunGatehouse({"document", "verify-report", file_, "--trust", story_.deployment().report_signer(), "--json"});
  }
  Answer Replay(const std::string& folder) const {
    return story_.As("officer-1", "document")(
        {"document", "replay", file_, folder, "--signer", story_.deployment().report_signer()});
  }

 private:
  Story& story_;
  const std::string file_;
};

void ExpectIdentical(const Answer& replayed) {
  EXPECT_EQ(replayed.exit_code, kDone) << replayed.err << replayed.out;
  ASSERT_THAT(replayed.lines, SizeIs(1));
  EXPECT_TRUE(replayed.lines[0].value("identical", false)) << replayed.out;
}

void ExpectDifferent(const Answer& replayed, const std::string& what) {
  EXPECT_EQ(replayed.exit_code, kCheckSaysNo) << replayed.err;
  ASSERT_THAT(replayed.lines, SizeIs(1));
  EXPECT_THAT(replayed.lines[0]["differences"].get<std::vector<std::string>>(), Contains(what));
}

TEST_P(StoryTest, ASignedReportIsVerifiedAndReplayed) {
  const ChipDesk desk(story());
  const std::string folder = story().File("signed");
  const Output output = desk.Officer().Text(desk.Read("chip", {"--out", folder, "--signed", "json"}));
  ASSERT_EQ(output.exit_code, kDone) << output.err;
  const SignedReport report(story(), "report.jws", output.out);

  const Answer verified = report.VerifySignature();
  EXPECT_EQ(verified.exit_code, kDone) << verified.err;
  ASSERT_THAT(verified.lines, SizeIs(1));
  EXPECT_EQ(verified.lines[0].value("signature", ""), "valid");
  // What chip and reader said to each other is judged again too, the proof to a used challenge among it.
  ExpectIdentical(report.Replay(folder));

  // One byte of the header, which is then none of ours; of the report; of the signature.
  for (const auto& [at, exit_code] : {std::pair(size_t{10}, kBadUsage), std::pair(output.out.size() / 2, kCheckSaysNo),
                                      std::pair(output.out.size() - 20, kCheckSaysNo)}) {
    std::string changed = output.out;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const SignedReport forged(story(), "forged.jws", changed);
    EXPECT_EQ(forged.VerifySignature().exit_code, exit_code) << at;
    EXPECT_NE(forged.Replay(folder).exit_code, kDone) << at;
  }
}

TEST_P(StoryTest, AReplayNamesWhatIsNotWhatWasPresented) {
  const ChipDesk desk(story());
  const std::string folder = desk.ReadOnly("chip", "altered");
  const std::string key = story().File("seal.key"), certificate = story().File("seal.crt");
  ASSERT_EQ(RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/C=UT/CN=01", "-keyout", key, "-out", certificate})
                ->exit_code,
            0);
  std::ofstream(story().File("seal.json"))
      << json{{"document_type", "visa"},
              {"issuing_country", "UTO"},
              {"features", {{"number_of_entries", 2}, {"duration_of_stay", "P90D"}, {"passport_number", "L898902C3"}}}};
  const absl::StatusOr<Output> seal =
      RunProgram({BinFolder() + "/gatehouse", "document", "issue-seal", "--key", key, "--certificate", certificate,
                  "--mrz", folder + "/mrz.txt", story().File("seal.json")});
  ASSERT_TRUE(seal.ok() && seal->exit_code == kDone) << (seal.ok() ? seal->err : seal.status().ToString());
  std::ofstream(folder + "/seal-1.bin") << seal->out;

  const Output output = desk.Officer().Text({"document", "verify", folder, "--signed", "json"});
  const SignedReport report(story(), "altered.jws", output.out);
  ExpectIdentical(report.Replay(folder));
  ExpectDifferent(SignedReport(story(), "altered.jws", output.out).Replay(story().File("signed")), "file seal_1");

  const json reading = ReadJson(folder + "/reading.json");
  json altered = reading;
  for (json& outcome : altered["access"]) outcome["detail"] = "as if";
  std::ofstream(folder + "/reading.json") << altered;
  ExpectDifferent(report.Replay(folder), "file access_1");
  altered = reading;
  altered["active_authentication"]["challenge"] = "AAAAAAAAAAA=";
  std::ofstream(folder + "/reading.json") << altered;
  ExpectDifferent(report.Replay(folder), "file active_authentication_challenge");
  std::ofstream(folder + "/reading.json") << reading;
  ExpectIdentical(report.Replay(folder));

  std::filesystem::remove(folder + "/seal-1.bin");
  ExpectDifferent(report.Replay(folder), "file seal_1");
}

// A challenge that was not known when the report was signed is not believed in the replay either.
TEST_P(StoryTest, AReplayOfAUsedChallengeLeavesItOpen) {
  const ChipDesk desk(story());
  const std::string folder = desk.ReadOnly("chip", "used");
  desk.Verify(folder, kDone);
  const Output output = desk.Officer().Text({"document", "verify", folder, "--signed", "json"});
  const SignedReport report(story(), "used.jws", output.out);
  ExpectIdentical(report.Replay(folder));
}

TEST_P(StoryTest, ACopiedChipClearsNobody) {
  const ChipDesk desk(story());
  for (const char* copy : {"clone", "clone-without-keys"}) {
    SCOPED_TRACE(copy);
    const json inspection = story().Inspect(desk.ReadOnly(copy, std::string("inspected-") + copy), kCheckSaysNo);
    EXPECT_EQ(inspection["recommendation"].value("outcome", ""), "refer");
    const json chip = CheckOf(inspection, "chip");
    EXPECT_EQ(chip.value("status", ""), "failed") << chip;
    EXPECT_THAT(chip.dump(), HasSubstr("no copy of another"));
    const json cloning = ReportCheck(inspection["document_report"], "chip_cloning");
    EXPECT_EQ(cloning.value("state", ""), "failed") << cloning;
    // Every file is the State's own: only the chip is not.
    EXPECT_EQ(inspection["document_report"].value("overall", ""), "valid");
  }
  // The same document with its own chip.
  const json inspection = story().Inspect(desk.ReadOnly("chip", "inspected-chip"), kDone);
  EXPECT_EQ(CheckOf(inspection, "chip").value("status", ""), "successful");
}

}  // namespace
}  // namespace gatehouse::integration
