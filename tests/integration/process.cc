#include "tests/integration/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

extern char** environ;

namespace gatehouse::integration {
namespace {

absl::StatusOr<pid_t> Spawn(const Arguments& arguments, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);

  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return absl::NotFoundError(absl::StrCat(arguments[0], ": ", std::strerror(error)));
  return pid;
}

// The exit code as a shell has it; DEADLINE_EXCEEDED when the process still runs after `timeout`.
absl::StatusOr<int> WaitFor(pid_t pid, absl::Duration timeout) {
  // The wrapper of Debian 12's glibc has no C linkage in C++.
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  GH_CHECK(descriptor >= 0);
  pollfd ended{.fd = descriptor, .events = POLLIN, .revents = 0};
  const absl::Time deadline = absl::Now() + timeout;
  int ready = 0;
  do {
    const int64_t left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
    ready = poll(&ended, 1, static_cast<int>(std::clamp<int64_t>(left_ms, 0, std::numeric_limits<int>::max())));
  } while (ready < 0 && errno == EINTR);
  close(descriptor);
  if (ready == 0)
    return absl::DeadlineExceededError(absl::StrCat("process ", pid, " runs after ", absl::FormatDuration(timeout)));
  int status = 0;
  GH_CHECK(waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A file in memory: what a program writes, without pipes that fill up.
class Capture {
 public:
  Capture() : descriptor_(memfd_create("capture", MFD_CLOEXEC)) { GH_CHECK(descriptor_ >= 0); }
  ~Capture() { close(descriptor_); }
  int descriptor() const { return descriptor_; }
  std::string Read() const {
    std::string text(static_cast<size_t>(lseek(descriptor_, 0, SEEK_END)), '\0');
    GH_CHECK(pread(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return text;
  }

 private:
  int descriptor_;
};

}  // namespace

absl::StatusOr<Output> RunProgram(const Arguments& arguments, absl::Duration timeout) {
  const Capture out;
  const Capture err;
  GH_ASSIGN_OR_RETURN(const pid_t pid, Spawn(arguments, out.descriptor(), err.descriptor()));
  const absl::StatusOr<int> exit_code = WaitFor(pid, timeout);
  if (!exit_code.ok()) {
    kill(pid, SIGKILL);
    WaitFor(pid, absl::InfiniteDuration()).IgnoreError();
    return absl::DeadlineExceededError(absl::StrCat(arguments[0], ": ", exit_code.status().message()));
  }
  return Output{.exit_code = *exit_code, .out = out.Read(), .err = err.Read()};
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const auto& folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    const std::string file = absl::StrCat(folder, "/", name);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return absl::NotFoundError(absl::StrCat(name, " is not installed"));
}

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const Arguments& arguments, const std::string& log_file) {
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return absl::UnavailableError(absl::StrCat(log_file, ": ", std::strerror(errno)));
  // posix_spawn cannot ask for a death signal, so setpriv does, and then becomes the server: the process id is its own.
  Arguments with_signal = {"setpriv", "--pdeathsig", "KILL", "--"};
  with_signal.insert(with_signal.end(), arguments.begin(), arguments.end());
  const absl::StatusOr<pid_t> pid = Spawn(with_signal, log, log);
  close(log);
  GH_RETURN_IF_ERROR(pid.status());
  return std::unique_ptr<Process>(new Process(*pid));
}

Process::~Process() { KillNine(); }

bool Process::running() { return !Wait(absl::ZeroDuration()).ok(); }

absl::StatusOr<int> Process::Terminate(absl::Duration timeout) {
  if (!ended_) kill(pid_, SIGTERM);
  return Wait(timeout);
}

void Process::Stop() {
  if (!ended_) kill(pid_, SIGSTOP);
}

void Process::Continue() {
  if (!ended_) kill(pid_, SIGCONT);
}

void Process::KillNine() {
  if (!ended_) kill(pid_, SIGKILL);
  Wait(absl::InfiniteDuration()).IgnoreError();
}

absl::StatusOr<int> Process::Wait(absl::Duration timeout) {
  if (ended_) return exit_code_;
  GH_ASSIGN_OR_RETURN(exit_code_, WaitFor(pid_, timeout));
  ended_ = true;
  return exit_code_;
}

}  // namespace gatehouse::integration
