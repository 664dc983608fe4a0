#include "libs/runtime/run.h"

#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
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

struct Flags {
  std::string config_file;
  bool check_config = false;
  bool migrate = false;
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
    observe::LogError("calls still in flight at the drain timeout; leaving them as a crash would");
    std::_Exit(kFailed);
  }
  observe::LogInfo("drained");
  return kOk;
}

}  // namespace

int Run(int argc, char** argv, const std::vector<ModuleEntry>& modules) {
  const std::string program = std::filesystem::path(argv[0]).filename();
  Flags flags;
  CLI::App app(absl::StrCat("Gatehouse: ", NamesOf(modules)), program);
  app.add_option("--config", flags.config_file, "Configuration in text format (gatehouse.runtime.v1.Config)")
      ->required();
  app.add_flag("--check-config", flags.check_config, "Check the configuration and the files it names, then exit");
  app.add_flag("--migrate", flags.migrate, "Migrate the stores of this process, then exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadConfig;
  }

  absl::StatusOr<v1::Config> config = ReadConfig(flags.config_file);
  if (!config.ok()) return Fail(program, config.status(), kBadConfig);
  if (flags.check_config) {
    const absl::Status checked = CheckConfig(*config);
    return checked.ok() ? kOk : Fail(program, checked, kBadConfig);
  }
  observe::ConfigureLog(config->name(), observe::Level::kInfo);
  if (flags.migrate) {
    const absl::Status migrated = MigrateStores(*config, modules);
    return migrated.ok() ? kOk : Fail(program, migrated, kFailed);
  }
  return Serve(program, *std::move(config), modules);
}

}  // namespace gatehouse::runtime
