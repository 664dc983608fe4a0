#include "libs/runtime/run.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "libs/runtime/config.h"
#include "libs/runtime/process.h"

namespace gatehouse::runtime {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kBadConfig = 2;
constexpr rlim_t kMostFiles = 65'536;

struct Flags {
  std::string config_file;
  bool check_config = false;
  bool migrate = false;
  std::string begin_anew;
};

int Fail(const std::string& program, const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), std::string(status.message()).c_str());
  return exit_code;
}

std::string NamesOf(const std::vector<ModuleEntry>& modules) {
  return absl::StrJoin(modules, ",", [](std::string* out, const ModuleEntry& entry) { out->append(entry.name); });
}

// Blocked in this thread before any other is made, so that all inherit it and only Wait takes the signal.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// A second signal during the drain ends the process the hard way.
void Wait(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

// What is opened first must not get the number of a standard stream that was closed: log lines would be written into
// it.
void HoldStandardStreams() {
  int opened = -1;
  do {
    opened = open("/dev/null", O_RDWR);
  } while (opened >= 0 && opened <= STDERR_FILENO);
  if (opened > STDERR_FILENO) close(opened);
}

// The master key and travellers' data are in this memory; a dump would leave them on a disk or with a crash reporter.
void KeepMemoryPrivate(bool allow_core_dumps) {
  if (allow_core_dumps) {
    observe::LogWarning("core dumps are allowed: they hold the master key and travellers' data");
    return;
  }
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    observe::LogError("core dumps cannot be refused on this machine", {{"why", std::strerror(errno)}});
  }
}

// As many files as this user may have, within reason: connections and stores share them.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const rlim_t most = std::min<rlim_t>(files.rlim_max, kMostFiles);
  if (files.rlim_cur >= most) return;
  files.rlim_cur = most;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) observe::LogWarning("the limit of open files cannot be raised");
}

int Serve(const std::string& program, v1::Config config, const std::vector<ModuleEntry>& modules) {
  const sigset_t signals = BlockStopSignals();
  absl::StatusOr<std::unique_ptr<Process>> process = Process::Start(
      {.config = std::move(config), .modules = modules, .clock = base::SystemClock(), .random = base::SystemRandom()});
  if (!process.ok()) {
    return Fail(program, process.status(), absl::IsInvalidArgument(process.status()) ? kBadConfig : kFailed);
  }
  observe::LogInfo("serving", {{"port", (*process)->port()}, {"modules", NamesOf(modules)}});
  Wait(signals);
  observe::LogInfo("draining");
  if (!(*process)->Drain()) {
    observe::LogError("calls or questions still out at the drain timeout; leaving them as a crash would");
    std::_Exit(kFailed);
  }
  observe::LogInfo("drained");
  return kOk;
}

}  // namespace

int Run(int argc, char** argv, const std::vector<ModuleEntry>& modules) {
  const std::string program = std::filesystem::path(argv[0]).filename();
  HoldStandardStreams();
  // A lost terminal, a tool that rotates logs, a mistyped kill: none of them ends a border post.
  for (const int ignored : {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM}) signal(ignored, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of its connection, nothing else
  umask(0077);
  Flags flags;
  CLI::App app(absl::StrCat("Gatehouse: ", NamesOf(modules)), program);
  app.add_option("--config", flags.config_file, "Configuration in text format (gatehouse.runtime.v1.Config)")
      ->required();
  app.add_flag("--check-config", flags.check_config, "Check the configuration and the files it names, then exit");
  app.add_flag("--migrate", flags.migrate, "Migrate the stores of this process, then exit");
  app.add_option("--begin-anew", flags.begin_anew,
                 "What is known to be gone (a service, audit, folder) may be made anew at the next start; then exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadConfig;
  }

  absl::StatusOr<v1::Config> config = ReadConfig(flags.config_file);
  if (!config.ok()) return Fail(program, config.status(), kBadConfig);
  if (flags.check_config) {
    const absl::Status checked = CheckConfig(*config, modules);
    return checked.ok() ? kOk : Fail(program, checked, kBadConfig);
  }
  observe::ConfigureLog(config->name(), observe::Level::kInfo);
  if (flags.migrate) {
    const absl::Status migrated = MigrateStores(*config, modules);
    return migrated.ok() ? kOk : Fail(program, migrated, absl::IsInvalidArgument(migrated) ? kBadConfig : kFailed);
  }
  if (!flags.begin_anew.empty()) {
    const absl::Status begun = BeginAnew(*config, flags.begin_anew);
    return begun.ok() ? kOk : Fail(program, begun, kFailed);
  }
  RaiseFileLimit();
  KeepMemoryPrivate(config->allow_core_dumps());
  return Serve(program, *std::move(config), modules);
}

}  // namespace gatehouse::runtime
