// What every verb of the command line is given, and the exit codes of the contract.
#pragma once

#include <functional>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace gatehouse::cli {

enum ExitCode {
  kDone = 0,
  kCheckSaysNo = 1,
  kBadUsage = 2,
  kUnreachable = 3,
};

// Filled by the flags that every verb takes. A verb writes results to `out`, diagnostics to `err`, and sets
// `exit_code`.
struct Context {
  bool json = false;
  bool colour = false;    // a terminal, and NO_COLOR is not set
  bool progress = false;  // `err` is a terminal: long work may draw a bar
  std::string server;     // host:port
  std::string pki_dir;    // folder that `gatehouse pki init` made
  std::string identity;   // whose certificate of that folder is used
  int timeout_ms = 30'000;
  std::ostream* out = &std::cout;
  std::ostream* err = &std::cerr;
  int exit_code = kDone;

  // Prints the status as one line on `err` and sets the exit code by ExitCodeOf.
  void Fail(const absl::Status& status);
};

// INVALID_ARGUMENT, NOT_FOUND of files and the like 2, UNAVAILABLE and DEADLINE_EXCEEDED 3, anything else 1.
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace gatehouse::cli
