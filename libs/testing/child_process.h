// A child process of a test: started with its output in a file, stopped by its id, never outliving its parent.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::testing {

class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> arguments;  // the program (looked up in PATH) first
    std::string output_file;             // stdout and stderr, appended
    std::string working_folder;          // empty: the parent's
    std::string user;                    // run as this user; empty: as the parent. Needs root.
    int death_signal = 15;               // sent when the thread that started it ends
  };
  // UNAVAILABLE when it cannot be started.
  static absl::StatusOr<ChildProcess> Start(const Options& options);

  ChildProcess() = default;
  ChildProcess(ChildProcess&& other) noexcept : pid_(other.pid_) { other.pid_ = 0; }
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills what still runs

  pid_t pid() const { return pid_; }
  bool Running();
  // Waits for the end; the exit code, or 128 + the signal. DEADLINE_EXCEEDED when it still runs.
  absl::StatusOr<int> Wait(absl::Duration timeout);
  // Sends `signal`, waits, kills after `patience`.
  void Stop(int signal, absl::Duration patience);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_ = 0;  // 0 once reaped
};

// Runs to the end. UNAVAILABLE with the last line of its output when the exit code is not 0.
absl::Status RunProcess(const ChildProcess::Options& options, absl::Duration timeout);

// The last line of a file that holds more than blanks; for the reason a server did not start.
std::string LastLine(const std::string& file);

// A TCP port of the loopback interface that was free a moment ago.
int FreePort();

}  // namespace gatehouse::testing
