#include "libs/runtime/health.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/runtime/config.h"

namespace gatehouse::runtime {
namespace {

constexpr absl::Duration kJudgePause = absl::Seconds(1);
constexpr absl::Duration kJudgePatience = absl::Seconds(30);  // of all parts that report; each has its own
constexpr absl::Duration kPortLimit = absl::Seconds(5);
constexpr absl::Duration kStopLimit = absl::Seconds(6);  // of all watches together: past the limit of a question
constexpr int kDefaultDeafExit_s = 60;
constexpr int64_t kDefaultWarnFreeBytes = int64_t{1} << 30;
constexpr int64_t kDefaultCriticalFreeBytes = int64_t{64} << 20;

std::map<std::string, std::string> FoldersOf(const v1::Config& config, const std::map<std::string, Module*>& modules) {
  std::map<std::string, std::string> folders{{"data", config.data_dir()}};
  for (const auto& [service, module] : modules) {
    const std::string dsn = StoreDsn(config, service);
    if (!IsSqlite(dsn) || dsn.ends_with(":memory:")) continue;
    const std::string folder = std::filesystem::path(dsn.substr(kSqlitePrefix.size())).parent_path();
    if (folder != config.data_dir()) folders.emplace(service, folder);
  }
  return folders;
}

int64_t OrDefault(int64_t value, int64_t fallback) { return value > 0 ? value : fallback; }

void Tell(observe::Conditions& conditions, const std::string& name, const absl::Status& status) {
  if (status.ok()) return conditions.Clear(name);
  // What is not known is no reason to turn clients away.
  const auto severity = absl::IsUnknown(status) ? observe::Severity::kDegraded : observe::Severity::kNotServing;
  conditions.Raise(name, severity, std::string(status.message()));
}

}  // namespace

Health::Health(Deps deps)
    : deps_(std::move(deps)),
      folders_(FoldersOf(deps_.config, deps_.modules)),
      serving_(deps_.metrics.GetGauge("gatehouse_runtime_serving", "1 when every module can serve", {})),
      deafness_(absl::Seconds(OrDefault(deps_.config.server().deaf_exit_s(), kDefaultDeafExit_s))),
      judging_(kJudgePause, kJudgePatience, [this] {
        Judge();
        deps_.also();
      }) {
  for (const auto& [name, module] : deps_.modules) {
    watches_.push_back(std::make_unique<Watch>(
        name + ".module", [module = module] { return module->Health(); }, Watch::Options{}));
  }
  watches_.push_back(std::make_unique<Watch>(
      "runtime.disk", [this] { return AskDisks(); }, Watch::Options{}));
  watches_.push_back(std::make_unique<Watch>(
      "runtime.port", [this] { return AskPort(); }, Watch::Options{.limit = kPortLimit + absl::Seconds(5)}));
}

Health::~Health() = default;

void Health::Start() {
  asked_ = std::chrono::steady_clock::now();
  for (const auto& watch : watches_) watch->Start();
  Judge();
  judging_.Start();
}

bool Health::Stop() {
  judging_.Stop();
  const absl::Time until = absl::Now() + kStopLimit;
  bool stopped = true;
  for (const auto& watch : watches_) {
    stopped = watch->Stop(std::max(until - absl::Now(), absl::ZeroDuration())) && stopped;
  }
  return stopped;
}

absl::Status Health::AskDisks() {
  const int64_t warn = OrDefault(deps_.config.disk().warn_free_bytes(), kDefaultWarnFreeBytes);
  const int64_t critical = OrDefault(deps_.config.disk().critical_free_bytes(), kDefaultCriticalFreeBytes);
  absl::Status answer;
  for (const auto& [which, folder] : folders_) {
    struct statvfs found {};
    if (statvfs(folder.c_str(), &found) != 0) {
      answer = absl::UnavailableError(absl::StrCat(folder, ": ", std::strerror(errno)));
      continue;
    }
    const auto free_bytes = static_cast<int64_t>(found.f_bavail) * static_cast<int64_t>(found.f_frsize);
    deps_.metrics.GetGauge("gatehouse_runtime_disk_free_bytes", "Room for this process's files", {{"folder", which}})
        .Set(static_cast<double>(free_bytes));
    const std::string name = "runtime.disk." + which;
    // The reason names the bound and not the room, which changes with every look.
    if (free_bytes < critical) {
      deps_.conditions.Raise(name, observe::Severity::kNotServing,
                             absl::StrCat(folder, " has less than ", critical, " bytes free"));
    } else if (free_bytes < warn) {
      deps_.conditions.Raise(name, observe::Severity::kDegraded,
                             absl::StrCat(folder, " has less than ", warn, " bytes free"));
    } else {
      deps_.conditions.Clear(name);
    }
  }
  return answer;
}

absl::Status Health::AskPort() {
  const absl::Status heard = deps_.server.ProbePort(kPortLimit);
  const auto now = std::chrono::steady_clock::now();
  const absl::Duration round = absl::FromChrono(now - std::exchange(asked_, now));
  // The drain has shut the port, and calls in flight may take longer than anybody may be deaf.
  if (draining_) return absl::OkStatus();
  if (deafness_.Asked(heard, round)) deps_.give_up();
  return heard;
}

void Health::StopJudging() {
  draining_ = true;
  judging_.Stop();
}

// Serving when no condition forbids it; each condition is a name of its own to ask for.
void Health::Judge() {
  for (const auto& watch : watches_) Tell(deps_.conditions, watch->name(), watch->Answer());
  const rpc::ConnectionCounts counts = deps_.server.connections();
  const auto set = [this](const char* what, const char* help, int64_t value) {
    deps_.metrics.GetGauge(absl::StrCat("gatehouse_runtime_connections_", what), help, {})
        .Set(static_cast<double>(value));
  };
  set("open", "Connections of the port", counts.open);
  set("unproven", "Connections too young to have proved who they are", counts.unproven);
  set("refused", "Connections refused over a bound, since the start", counts.refused);
  set("no_descriptor", "Connections refused for want of a descriptor, since the start", counts.no_descriptor);
  set("cut", "Connections cut because they sent without end and came to no call, since the start", counts.cut);

  const auto crowded = crowding_.Look(counts, absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()));
  if (crowded) {
    deps_.conditions.Raise("runtime.connections", observe::Severity::kDegraded, *crowded);
  } else {
    deps_.conditions.Clear("runtime.connections");
  }

  std::set<std::string> raised;
  bool serving = true;
  for (const observe::Condition& condition : deps_.conditions.Raised()) {
    raised.insert(condition.name);
    serving = serving && condition.severity != observe::Severity::kNotServing;
  }
  for (const std::string& name : deps_.conditions.Names()) deps_.server.SetServing(name, !raised.contains(name));
  deps_.server.SetServing(serving);
  serving_.Set(serving ? 1 : 0);
}

}  // namespace gatehouse::runtime
