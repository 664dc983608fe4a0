#include "tests/integration/cli.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/integration/deployment.h"

namespace gatehouse::integration {

Answer RunGatehouse(Arguments arguments) {
  arguments.insert(arguments.begin(), BinFolder() + "/gatehouse");
  const absl::StatusOr<Output> output = RunProgram(arguments);
  if (!output.ok()) {
    ADD_FAILURE() << output.status();
    return {};
  }
  Answer answer{*output, {}};
  std::istringstream out(answer.out);
  for (std::string line; std::getline(out, line);) {
    answer.lines.push_back(json::parse(line, nullptr, /*allow_exceptions=*/false));
    EXPECT_TRUE(answer.lines.back().is_object()) << "not a JSON object: " << line;
  }
  return answer;
}

Answer Caller::Run(Arguments verb) const {
  const Arguments flags = {"--json", "--server", server_, "--pki", pki_, "--as", identity_};
  verb.insert(verb.end(), flags.begin(), flags.end());
  return RunGatehouse(std::move(verb));
}

Output Caller::Text(Arguments verb) const {
  const Arguments flags = {"--server", server_, "--pki", pki_, "--as", identity_};
  verb.insert(verb.begin(), BinFolder() + "/gatehouse");
  verb.insert(verb.end(), flags.begin(), flags.end());
  const absl::StatusOr<Output> output = RunProgram(verb);
  if (output.ok()) return *output;
  ADD_FAILURE() << output.status();
  return {};
}

}  // namespace gatehouse::integration
