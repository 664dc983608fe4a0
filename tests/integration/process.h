// Real processes for stories: started in a process group of their own, ended with the test, stopped by process id only.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::integration {

using Arguments = std::vector<std::string>;

struct Output {
  int exit_code = -1;  // as a shell has it: 128 + N when signal N ended the process
  std::string out;
  std::string err;
};

// Runs a program to its end. DEADLINE_EXCEEDED (and killed) when it takes longer than `timeout`.
absl::StatusOr<Output> RunProgram(const Arguments& arguments, absl::Duration timeout = absl::Seconds(60));

// NOT_FOUND when PATH has no such program.
absl::StatusOr<std::string> FindProgram(const std::string& name);

// A server. The kernel kills it when the thread that started it ends, so start servers from the main thread.
class Process {
 public:
  // What it writes goes to `log_file`, behind what an earlier one wrote.
  static absl::StatusOr<std::unique_ptr<Process>> Start(const Arguments& arguments, const std::string& log_file);
  ~Process();  // kills it, when it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  // SIGTERM, and the exit code once it has drained. DEADLINE_EXCEEDED when it does not end in time.
  absl::StatusOr<int> Terminate(absl::Duration timeout = absl::Seconds(30));
  // SIGKILL: no drain, no goodbye. Returns when the process is gone.
  void KillNine();
  // SIGSTOP and SIGCONT: the process neither answers nor goes, as one that hangs. OK when it did not run any more.
  void Stop();
  void Continue();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  absl::StatusOr<int> Wait(absl::Duration timeout);

  pid_t pid_;
  int exit_code_ = -1;
  bool ended_ = false;
};

}  // namespace gatehouse::integration
