#include "libs/runtime/module_platform.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/events/dead_letters.h"
#include "libs/observe/log.h"
#include "libs/runtime/config.h"
#include "libs/runtime/key_file.h"
#include "libs/runtime/open_store.h"

namespace gatehouse::runtime {
namespace {

constexpr int kDefaultThreadsPerModule = 32;
constexpr absl::Duration kReportPatience = absl::Seconds(2);  // of a store that hangs: Health says so
constexpr absl::Duration kPrunePause = absl::Minutes(1);
constexpr absl::Duration kPrunePatience = absl::Seconds(5);
constexpr int kMaxPruneRounds = 40;  // a minute's worth: 20,000 rows

int ThreadsOf(const v1::Config& config) {
  return config.threads_per_module() > 0 ? config.threads_per_module() : kDefaultThreadsPerModule;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ModulePlatform>> ModulePlatform::Open(const Shared& shared, const ModuleEntry& entry) {
  std::unique_ptr<ModulePlatform> platform(new ModulePlatform(shared, std::string(entry.name)));
  // The key before the store: a first start that is cut short leaves no store without a key.
  GH_ASSIGN_OR_RETURN(seal::MasterKey key, MasterKeyOf(shared.config, shared.manifest, entry.name, shared.random));
  GH_ASSIGN_OR_RETURN(
      OpenedStore store,
      OpenStore({.config = shared.config, .manifest = shared.manifest, .clock = shared.clock, .random = shared.random},
                entry));
  observe::LogInfo("store opened", {{"service", platform->name_}, {"store_id", store.id}});
  platform->database_ = std::move(store.database);
  platform->outbox_ = std::make_unique<events::Outbox>(*platform->database_);
  GH_ASSIGN_OR_RETURN(platform->sealer_, seal::Sealer::Make({.database = *platform->database_,
                                                             .random = shared.random,
                                                             .master_key = std::move(key),
                                                             .service = platform->name_}));
  GH_RETURN_IF_ERROR(platform->OpenRelay());
  platform->OpenPruner();
  rpc::LanesBounds lanes;
  lanes.line.threads = static_cast<size_t>(ThreadsOf(shared.config));
  platform->host_ = rpc::Host::Make({.service = platform->name_,
                                     .clock = shared.clock,
                                     .random = shared.random,
                                     .matrix = shared.matrix,
                                     .audit = shared.audit,
                                     .metrics = shared.metrics,
                                     .local_token = shared.local_token,
                                     .lanes = lanes,
                                     .admission = &shared.admission,
                                     .heard = &shared.heard,
                                     .local_methods = &shared.local_methods});
  return platform;
}

absl::Status ModulePlatform::OpenRelay() {
  const std::string& brokers = shared_.config.kafka().brokers();
  if (brokers.empty()) return absl::OkStatus();
  GH_ASSIGN_OR_RETURN(sink_, events::MakeKafkaSink({.brokers = brokers, .client_id = shared_.config.name()}));
  relay_ = std::make_unique<events::Relay>(
      events::Relay::Deps{.database = *database_, .outbox = *outbox_, .sink = *sink_, .name = name_});
  return absl::OkStatus();
}

void ModulePlatform::OpenPruner() {
  const auto days = [](int configured) {
    return configured > 0 ? absl::Hours(24) * configured : events::kDefaultRetention;
  };
  const v1::Events& configured = shared_.config.events();
  pruner_ = std::make_unique<events::Pruner>(
      events::Pruner::Deps{.database = *database_,
                           .clock = shared_.clock,
                           .has_broker = relay_ != nullptr,
                           .retention = {.outbox = days(configured.outbox_retention_days()),
                                         .inbox = days(configured.inbox_retention_days())}});
  prune_ = std::make_unique<base::Periodic>(kPrunePause, kPrunePatience, [this] { Prune(); });
}

void ModulePlatform::WakeRelay() {
  if (relay_ != nullptr) relay_->Wake();
}

void ModulePlatform::StartRelay() {
  if (relay_ != nullptr) relay_->Start();
  prune_->Start();
}

void ModulePlatform::StopRelay() {
  prune_->Stop();
  if (relay_ != nullptr) relay_->Stop();
}

void ModulePlatform::Prune() {
  for (int round = 0; round < kMaxPruneRounds; ++round) {
    const absl::StatusOr<events::Pruned> pruned = pruner_->PruneOnce();
    const std::string condition = absl::StrCat(name_, ".event_retention");
    if (!pruned.ok()) {
      conditions().Raise(condition, observe::Severity::kDegraded, std::string(pruned.status().message()));
      return;
    }
    conditions().Clear(condition);
    if (!pruned->more) return;
  }
}

void ModulePlatform::ReportDeadLetters() {
  const absl::StatusOr<int64_t> letters = events::CountDeadLetters(*database_);
  if (!letters.ok()) return;  // Health says so
  metrics()
      .GetGauge(absl::StrCat("gatehouse_", name_, "_event_dead_letters"),
                "Events that were set aside and wait for a person", {})
      .Set(static_cast<double>(*letters));
  const std::string condition = absl::StrCat(name_, ".dead_letters");
  if (*letters == 0) return conditions().Clear(condition);
  conditions().Raise(condition, observe::Severity::kDegraded,
                     absl::StrCat(*letters, " in event_dead_letter: see docs/runbooks/poison-event.md"));
}

void ModulePlatform::ReportRelay() {
  const base::WorkTimeScope scope(base::WorkTime::In(kReportPatience));
  ReportDeadLetters();
  if (relay_ == nullptr) return;
  const events::Relay::Counters counters = relay_->counters();
  const auto set = [this](const char* what, const char* help, double value) {
    metrics().GetGauge(absl::StrCat("gatehouse_", name_, "_relay_", what), help, {}).Set(value);
  };
  set("published", "Events the broker acknowledged, repeats included", static_cast<double>(counters.published));
  set("failures", "Rounds of the relay that failed", static_cast<double>(counters.failures));
  const std::string condition = absl::StrCat(name_, ".relay");
  if (counters.last_failure.ok()) {
    conditions().Clear(condition);
  } else {
    conditions().Raise(condition, observe::Severity::kDegraded, std::string(counters.last_failure.message()));
  }
  set("leading", "1 when this process publishes the events of the store", counters.leading ? 1 : 0);
  const absl::StatusOr<int64_t> last = outbox_->LastPosition();
  const absl::StatusOr<int64_t> published = outbox_->PublishedPosition();
  if (!last.ok() || !published.ok()) return;  // Health says so
  set("behind", "Positions of the outbox the broker has not acknowledged", static_cast<double>(*last - *published));
  const absl::StatusOr<std::optional<absl::Time>> oldest = outbox_->OldestUnpublished();
  if (!oldest.ok()) return;
  set("oldest_unpublished_age_s", "Age of the oldest event the broker has not acknowledged; 0 when there is none",
      oldest->has_value() ? absl::ToDoubleSeconds(clock().Now() - **oldest) : 0);
}

// A silent peer holds half of the module's threads at most.
std::unique_ptr<rpc::Breaker> ModulePlatform::NewBreaker(std::string_view peer) {
  return std::make_unique<rpc::Breaker>(rpc::Breaker::Deps{.module = name_,
                                                           .peer = std::string(peer),
                                                           .clock = shared_.clock,
                                                           .conditions = shared_.conditions,
                                                           .metrics = shared_.metrics,
                                                           .max_held = std::max(1, ThreadsOf(shared_.config) / 2)});
}

absl::StatusOr<rpc::Peer*> ModulePlatform::peer(std::string_view service) {
  std::lock_guard lock(peers_mutex_);
  if (shared_.services.contains(service)) {
    std::unique_ptr<rpc::LocalPeer>& local = local_peers_[std::string(service)];
    if (local == nullptr) {
      local =
          rpc::MakeLocalPeer(name_, shared_.local_token, shared_.clock, NewBreaker(service), &shared_.local_methods);
      if (in_process_ != nullptr) local->Attach(in_process_);
    }
    return local.get();
  }
  std::unique_ptr<rpc::Peer>& network = network_peers_[std::string(service)];
  for (const v1::Peer& configured : shared_.config.peers()) {
    if (network != nullptr) break;
    if (configured.service() != service) continue;
    GH_ASSIGN_OR_RETURN(auto channel, rpc::Connect(configured.address(), TlsOf(shared_.config)));
    network = rpc::MakeNetworkPeer(std::move(channel), shared_.clock, NewBreaker(service));
  }
  if (network != nullptr) return network.get();
  return absl::FailedPreconditionError(absl::StrCat(name_, " needs ", std::string(service),
                                                    ", which is not in this process: name its address in `peers`"));
}

void ModulePlatform::AttachPeers(std::shared_ptr<grpc::Channel> in_process) {
  std::lock_guard lock(peers_mutex_);
  in_process_ = std::move(in_process);
  for (auto& [service, peer] : local_peers_) peer->Attach(in_process_);
}

void ModulePlatform::DropPeers() {
  std::lock_guard lock(peers_mutex_);
  for (auto& [service, peer] : local_peers_) peer->Drop();
  in_process_ = nullptr;
}

}  // namespace gatehouse::runtime
