// The command line as operators and machines use it: `gatehouse VERB ... --json`, its exit code, its JSON lines.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/integration/process.h"

namespace gatehouse::integration {

using nlohmann::json;

// The contract's exit codes.
inline constexpr int kDone = 0;
inline constexpr int kCheckSaysNo = 1;
inline constexpr int kBadUsage = 2;
inline constexpr int kUnreachable = 3;

struct Answer : Output {
  std::vector<json> lines;
};

// Runs the command line as it is given; a line of stdout that is not JSON fails the running test.
Answer RunGatehouse(Arguments arguments);

// Whose certificate is shown to which server.
class Caller {
 public:
  Caller(std::string identity, std::string server, std::string pki)
      : identity_(std::move(identity)), server_(std::move(server)), pki_(std::move(pki)) {}

  Answer Run(Arguments verb) const;
  Answer operator()(Arguments verb) const { return Run(std::move(verb)); }
  // Of a verb that prints one text, which is no JSON line of ours.
  Output Text(Arguments verb) const;

 private:
  std::string identity_;
  std::string server_;
  std::string pki_;
};

}  // namespace gatehouse::integration
