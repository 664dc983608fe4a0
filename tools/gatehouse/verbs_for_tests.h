// For tests: the command line within the test's process, as a shell sees it. Nobody serves at its server.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::cli {

struct VerbResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

struct VerbOptions {
  std::string pki_dir = "no-such-folder";
  bool colour = false;
};

// `arguments` are those behind the program's name.
VerbResult Gatehouse(std::vector<std::string> arguments, const VerbOptions& options = {});

}  // namespace gatehouse::cli
