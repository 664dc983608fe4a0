// Every labelled machine-readable zone of emrtd/mrz/mrz_lines.tsv: the format and the list of wrong check digits.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/mrz/parse.h"

namespace gatehouse::mrz {
namespace {

std::string DataFolder() {
  const char* folder = std::getenv("GATEHOUSE_DATA");
  return folder != nullptr ? folder : "../shared/data";
}

std::string FormatLabel(Format format) {
  static const std::map<Format, std::string> kLabels = {{Format::kUnknown, "unknown"}, {Format::kTd1, "TD1"},
                                                        {Format::kTd2, "TD2"},         {Format::kTd3, "TD3"},
                                                        {Format::kMrvA, "MRV-A"},      {Format::kMrvB, "MRV-B"}};
  return kLabels.at(format);
}

// "valid" or "bad:number,composite", as the third column has it.
std::string CheckLabel(const ParsedMrz& mrz) {
  const CheckDigits& digits = mrz.check_digits();
  std::vector<std::string> bad;
  const auto add = [&bad](CheckState state, const char* name) {
    if (state == CheckState::kInvalid) bad.push_back(name);
  };
  add(digits.number, "number");
  add(digits.birth_date, "dob");
  add(digits.expiry, "exp");
  add(digits.optional, "optional");
  add(digits.composite, "composite");
  if (!bad.empty()) return "bad:" + absl::StrJoin(bad, ",");
  return mrz.valid() ? "valid" : "invalid";
}

TEST(MrzConformanceTest, JudgesEveryLineAsLabelled) {
  const std::string path = DataFolder() + "/emrtd/mrz/mrz_lines.tsv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no labelled data: set GATEHOUSE_DATA (looked for " << path << ")";
  std::string row;
  std::getline(file, row);  // the heading
  int judged = 0;
  while (std::getline(file, row)) {
    const std::vector<std::string> columns = absl::StrSplit(row, '\t');
    ASSERT_GE(columns.size(), 3u) << row;
    SCOPED_TRACE(columns[1]);
    const std::string text = absl::StrReplaceAll(columns[1], {{"\\n", "\n"}});
    const ParsedMrz mrz = Parse(text);
    EXPECT_EQ(FormatLabel(mrz.format()), columns[0]);
    EXPECT_EQ(CheckLabel(mrz), columns[2]);
    // The same zone as a chip holds it.
    const ParsedMrz joined = Parse(absl::StrReplaceAll(text, {{"\n", ""}}));
    EXPECT_EQ(joined.format(), mrz.format());
    EXPECT_EQ(joined.defects(), mrz.defects());
    ++judged;
  }
  EXPECT_GT(judged, 0);
  RecordProperty("judged", judged);
}

}  // namespace
}  // namespace gatehouse::mrz
