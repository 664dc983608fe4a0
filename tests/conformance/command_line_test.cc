// The judged output through the real binary: labelled chips and zones, a list imported and screened, all without a
// server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/testing/temporary_folder.h"
#include "tests/conformance/test_data.h"
#include "tests/integration/cli.h"

namespace gatehouse::conformance {
namespace {

namespace fs = std::filesystem;
using integration::Answer;
using integration::Arguments;
using integration::json;
using integration::RunGatehouse;

json ReadJson(const fs::path& path) { return json::parse(std::ifstream(path)); }

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What `document verify` says of a labelled folder, trusting the authority that lies in it.
Answer VerifyLabelled(const fs::path& folder, const json& labelled) {
  Arguments arguments = {"document", "verify", "--local", "--json", "--at", labelled["check_time"]};
  for (const fs::path& file : Sorted(folder)) {
    const std::string name = file.filename();
    if (name.rfind("csca", 0) == 0 && file.extension() == ".der") arguments.insert(arguments.end(), {"--trust", file});
    if (file.extension() == ".crl") arguments.insert(arguments.end(), {"--crl", file});
  }
  arguments.push_back(folder);
  return RunGatehouse(arguments);
}

TEST(CommandLineConformanceTest, EveryLabelledChipGetsItsVerdict) {
  const fs::path root = TestData("emrtd/synthetic");
  if (!fs::exists(root)) GTEST_SKIP() << "no labelled chips: set GATEHOUSE_DATA";
  int judged = 0;
  for (const fs::path& folder : Sorted(root)) {
    SCOPED_TRACE(folder.filename());
    const json labelled = ReadJson(folder / "expected.json");
    const Answer answer = VerifyLabelled(folder, labelled);
    ASSERT_EQ(answer.lines.size(), 1u) << answer.err;
    const json& report = answer.lines[0];
    for (const auto& [key, value] : labelled["expected"].items()) {
      if (key == "overall") {
        EXPECT_EQ(report["overall"], value);
        EXPECT_EQ(answer.exit_code, value == "valid" ? integration::kDone : integration::kCheckSaysNo);
      } else if (key == "dg_hashes") {
        json states = json::object();
        for (const json& group : report["data_groups"]) states[group["number"].dump()] = group["state"];
        EXPECT_EQ(states, value);
      } else {
        EXPECT_EQ(report["checks"][key], value) << key;
      }
    }
    ++judged;
  }
  EXPECT_GE(judged, 16);
}

TEST(CommandLineConformanceTest, EveryLabelledZoneIsJudgedInOneRun) {
  const fs::path path = TestData("emrtd/mrz/mrz_lines.tsv");
  if (!fs::exists(path)) GTEST_SKIP() << "no labelled zones: set GATEHOUSE_DATA";
  std::ifstream rows(path);
  std::string row;
  std::getline(rows, row);  // the header
  std::string input;
  std::vector<bool> valid;
  while (std::getline(rows, row)) {
    const std::vector<std::string> columns = absl::StrSplit(row, '\t');
    ASSERT_GE(columns.size(), 3u);
    absl::StrAppend(&input, absl::StrReplaceAll(columns[1], {{"\\n", "\n"}}), "\n\n");
    valid.push_back(columns[2] == "valid");
  }
  const testing::TemporaryFolder folder;
  const fs::path file = fs::path(folder.path()) / "zones.txt";
  std::ofstream(file) << input;
  const Answer answer = RunGatehouse({"document", "parse-mrz", "--json", file});
  EXPECT_EQ(answer.exit_code, integration::kCheckSaysNo);
  ASSERT_EQ(answer.lines.size(), valid.size());
  for (size_t i = 0; i < valid.size(); ++i) EXPECT_EQ(answer.lines[i]["valid"], valid[i]) << "record " << i + 1;
}

std::string Unzip(const fs::path& path) {
  std::string content;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[64 * 1024];
  for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) content.append(buffer, got);
  gzclose(file);
  return content;
}

TEST(CommandLineConformanceTest, TheUnListIsImportedAndScreenedInAFolder) {
  const fs::path list = TestData("watchlist/lists/un_consolidated_2026-02-27.xml.gz");
  if (!fs::exists(list)) GTEST_SKIP() << "no UN list: set GATEHOUSE_DATA";
  const testing::TemporaryFolder folder;
  const fs::path root = folder.path();
  std::ofstream(root / "un.xml") << Unzip(list);
  const std::string index = root / "index";
  const Answer import = RunGatehouse(
      {"watchlist", "import", "--json", "--local", index, "--base", "un", "--format", "un-xml", root / "un.xml"});
  ASSERT_EQ(import.exit_code, integration::kDone) << import.err;
  EXPECT_EQ(import.lines.at(0)["records"], 730 + 273);

  // A wrong line has its answer in its place, and the ones around it theirs.
  std::ofstream(root / "queries.jsonl") << R"({"id":"nobody","name":"Ottilie Zwiebelturm","birth_date":"1990-01-02"})"
                                        << "\nnot json\n"
                                        << R"({"id":"bad date","name":"X Y","birth_date":"1990-02-31"})"
                                        << "\n";
  const Answer screen =
      RunGatehouse({"watchlist", "screen", "--json", "--local", index, "--batch", root / "queries.jsonl"});
  EXPECT_EQ(screen.exit_code, integration::kBadUsage);
  ASSERT_EQ(screen.lines.size(), 3u);
  EXPECT_EQ(screen.lines[0]["id"], "nobody");
  EXPECT_TRUE(screen.lines[0]["hits"].empty());
  EXPECT_TRUE(screen.lines[1].contains("error"));
  EXPECT_TRUE(screen.lines[2].contains("error"));

  const Answer all =
      RunGatehouse({"watchlist", "screen", "--json", "--all", "--local", index, "--batch", root / "queries.jsonl"});
  EXPECT_FALSE(all.lines.at(0)["hits"].empty()) << "the best candidates, whatever their score";
}

TEST(CommandLineConformanceTest, ARealMasterListServesAsTrust) {
  const fs::path lists = TestData("emrtd/ml");
  if (!fs::exists(lists)) GTEST_SKIP() << "no master lists: set GATEHOUSE_DATA";
  const Answer answer = RunGatehouse({"document", "verify", "--local", "--json", "--trust", lists, "--at",
                                      "2026-06-15T00:00:00Z", TestData("emrtd/synthetic/d13")});
  ASSERT_EQ(answer.lines.size(), 1u) << answer.err;
  EXPECT_EQ(answer.err, "") << "every file of the folder was usable";
}

}  // namespace
}  // namespace gatehouse::conformance
