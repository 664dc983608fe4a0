#include "tests/integration/topic.h"

#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "tests/integration/process.h"

namespace gatehouse::integration {

absl::StatusOr<std::vector<Record>> ReadTopic(const std::string& brokers, const std::string& topic) {
  GH_ASSIGN_OR_RETURN(const Output output, RunProgram({"kcat", "-b", brokers, "-C", "-t", topic, "-o", "beginning",
                                                       "-e", "-q", "-f", "%p\t%o\t%k\t%h\n"}));
  if (output.exit_code != 0) return absl::UnavailableError(absl::StrCat("kcat: ", output.err));
  std::vector<Record> records;
  std::istringstream lines(output.out);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits('\t', 3));
    Record record;
    if (fields.size() != 4 || !absl::SimpleAtoi(fields[0], &record.partition) ||
        !absl::SimpleAtoi(fields[1], &record.offset)) {
      return absl::DataLossError(absl::StrCat("kcat wrote: ", line));
    }
    record.key = fields[2];
    for (const auto& header : absl::StrSplit(fields[3], ',', absl::SkipEmpty())) {
      const std::pair<std::string, std::string> pair = absl::StrSplit(header, absl::MaxSplits('=', 1));
      record.headers.insert(pair);
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace gatehouse::integration
