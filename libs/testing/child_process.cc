#include "libs/testing/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::testing {
namespace {

constexpr int kCannotStart = 127;

// In the child, between fork and exec. The death signal comes last: a change of user clears it.
[[noreturn]] void Become(const ChildProcess::Options& options, const passwd* user, char* const* arguments,
                         pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int out = open(options.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = open("/dev/null", O_RDONLY);
  if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(kCannotStart);
  if (user != nullptr &&
      (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(kCannotStart);
  }
  if (!options.working_folder.empty() && chdir(options.working_folder.c_str()) != 0) _exit(kCannotStart);
  prctl(PR_SET_PDEATHSIG, options.death_signal);
  if (getppid() != parent) _exit(kCannotStart);
  execvp(arguments[0], arguments);
  _exit(kCannotStart);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const Options& options) {
  GH_CHECK(!options.arguments.empty() && !options.output_file.empty());
  const passwd* user = nullptr;
  if (!options.user.empty()) {
    user = getpwnam(options.user.c_str());
    if (user == nullptr) return absl::UnavailableError(absl::StrCat("no user ", options.user));
  }
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::UnavailableError(absl::StrCat("fork: ", std::strerror(errno)));
  if (pid == 0) Become(options, user, arguments.data(), parent);
  return ChildProcess(pid);
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

ChildProcess::~ChildProcess() { Stop(SIGKILL, absl::InfiniteDuration()); }

bool ChildProcess::Running() { return pid_ != 0 && !Wait(absl::ZeroDuration()).ok(); }

absl::StatusOr<int> ChildProcess::Wait(absl::Duration timeout) {
  if (pid_ == 0) return absl::FailedPreconditionError("the process was waited for already");
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    int how = 0;
    if (waitpid(pid_, &how, WNOHANG) == pid_) {
      pid_ = 0;
      return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    }
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the process still runs");
    absl::SleepFor(absl::Milliseconds(5));
  }
}

void ChildProcess::Stop(int signal, absl::Duration patience) {
  if (pid_ == 0) return;
  kill(pid_, signal);
  if (Wait(patience).ok()) return;
  kill(pid_, SIGKILL);
  (void)Wait(absl::InfiniteDuration());
}

absl::Status RunProcess(const ChildProcess::Options& options, absl::Duration timeout) {
  GH_ASSIGN_OR_RETURN(ChildProcess process, ChildProcess::Start(options));
  GH_ASSIGN_OR_RETURN(const int code, process.Wait(timeout));
  if (code == 0) return absl::OkStatus();
  if (code == kCannotStart) {
    return absl::UnavailableError(absl::StrCat(options.arguments.front(), " cannot be started: is it installed?"));
  }
  return absl::UnavailableError(
      absl::StrCat(options.arguments.front(), " ended with ", code, ": ", LastLine(options.output_file)));
}

std::string LastLine(const std::string& file) {
  std::ifstream in(file);
  std::string last = "(no output)";
  for (std::string line; std::getline(in, line);) {
    if (!absl::StripAsciiWhitespace(line).empty()) last = line;
  }
  return last;
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  GH_CHECK(fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  GH_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace gatehouse::testing
