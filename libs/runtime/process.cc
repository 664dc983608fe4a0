#include "libs/runtime/process.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "libs/base/own_file.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/observe/log.h"
#include "libs/rpc/server.h"
#include "libs/runtime/config.h"
#include "libs/runtime/data_folder.h"
#include "libs/runtime/event_service.h"
#include "libs/runtime/health.h"
#include "libs/runtime/health_service.h"
#include "libs/runtime/key_file.h"
#include "libs/runtime/manifest.h"
#include "libs/runtime/module_platform.h"
#include "libs/runtime/open_store.h"

namespace gatehouse::runtime {
namespace {

constexpr int kDefaultConcurrentCalls = 1024;
constexpr int kDefaultConnections = 4096;
constexpr int kDefaultUnprovenOfAddress = 64;
constexpr int kDefaultHandshakeTimeout_ms = 10'000;
constexpr int kDefaultDrainTimeout_ms = 10'000;
// A removed officer is refused within 5 s.
constexpr absl::Duration kMatrixPause = absl::Seconds(2);
constexpr absl::Duration kMatrixPatience = absl::Seconds(5);

std::string NewLocalToken(base::Random& random) {
  std::array<uint8_t, 32> bytes;
  random.Fill(bytes.data(), bytes.size());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

int OrDefault(int value, int fallback) { return value > 0 ? value : fallback; }

rpc::Admission::Limits LimitsOf(const v1::Server& server) {
  auto limits = rpc::Admission::Limits::Of(OrDefault(server.max_concurrent_calls(), kDefaultConcurrentCalls));
  limits.calls_of_machine = OrDefault(server.max_concurrent_calls_per_machine(), limits.calls_of_machine);
  limits.calls_of_person = OrDefault(server.max_concurrent_calls_per_person(), limits.calls_of_person);
  return limits;
}

absl::StatusOr<Manifest> OpenManifest(const v1::Config& config, base::Clock& clock, base::Random& random) {
  GH_ASSIGN_OR_RETURN(Manifest manifest, Manifest::Open(config.data_dir(), base::NewUuid(clock, random)));
  GH_RETURN_IF_ERROR(CheckKeyNote(config, manifest));
  return manifest;
}

bool HoldsSegments(const std::string& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".seg") return true;
  }
  return false;
}

// Nobody who comes anew is heard, and waiting has not helped: a new process has a new port. As after a crash, nothing
// acknowledged is lost.
void GiveUp() {
  observe::LogError("the own port is deaf: ending, so that a new process takes its place");
  std::_Exit(1);
}

class ModuleProcess final : public Process {
 public:
  explicit ModuleProcess(Deps deps)
      : deps_(std::move(deps)),
        metrics_(observe::Metrics::Make()),
        conditions_(observe::Conditions::Make(*metrics_, deps_.clock)),
        admission_(LimitsOf(deps_.config.server())),
        matrix_reader_(kMatrixPause, kMatrixPatience, [this] { RereadMatrix(); }) {}

  ~ModuleProcess() override { GH_CHECK(Drain()); }

  absl::Status Start() {
    GH_RETURN_IF_ERROR(OpenFoundation());
    RemovePortFile();  // one of an earlier run would name a wrong port
    GH_RETURN_IF_ERROR(MakeModules());
    GH_RETURN_IF_ERROR(StartServer());
    for (const auto& platform : platforms_) platform->AttachPeers(server_->InProcess());
    modules_started_ = true;
    for (const auto& module : modules_) GH_RETURN_IF_ERROR(module->Start());
    for (const auto& platform : platforms_) platform->StartRelay();
    const v1::Server& server = deps_.config.server();
    if (!server.metrics_listen().empty()) GH_RETURN_IF_ERROR(metrics_->Serve(server.metrics_listen()));
    admission_.Open();
    StartHealth();
    matrix_reader_.Start();
    // Beside, then renamed: whoever waits for the file never reads half of it.
    if (!server.port_file().empty()) {
      GH_RETURN_IF_ERROR(base::WriteOwnFile(server.port_file(), absl::StrCat(port(), "\n")));
    }
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }

  bool Drain() override {
    if (drained_) return true;
    matrix_reader_.Stop();
    const absl::Duration timeout =
        absl::Milliseconds(OrDefault(deps_.config.server().drain_timeout_ms(), kDefaultDrainTimeout_ms));
    if (health_ != nullptr) health_->StopJudging();  // it would say that the process serves
    if (server_ != nullptr && !server_->Drain(timeout)) return false;
    // After the calls, which do not wait for it; a question that hangs is one of a module that cannot be taken down.
    if (health_ != nullptr && !health_->Stop()) return false;
    health_ = nullptr;
    // Those that call stop before those that are called.
    for (auto module = modules_.rbegin(); modules_started_ && module != modules_.rend(); ++module) (*module)->Stop();
    for (const auto& platform : platforms_) {
      platform->StopRelay();
      platform->DropPeers();
    }
    server_ = nullptr;
    event_service_ = nullptr;
    health_service_ = nullptr;
    event_host_ = nullptr;
    health_host_ = nullptr;
    modules_.clear();
    platforms_.clear();
    if (folder_ != nullptr) RemovePortFile();  // else it is another process's
    drained_ = true;
    return true;
  }

 private:
  absl::Status OpenFoundation() {
    GH_RETURN_IF_ERROR(CheckConfig(deps_.config, deps_.modules));
    GH_ASSIGN_OR_RETURN(matrix_, authz::MatrixFile::Open(deps_.config.authorization_file()));
    GH_ASSIGN_OR_RETURN(folder_, DataFolder::Open(deps_.config.data_dir()));
    GH_ASSIGN_OR_RETURN(Manifest manifest, OpenManifest(deps_.config, deps_.clock, deps_.random));
    manifest_ = std::make_unique<Manifest>(std::move(manifest));
    GH_RETURN_IF_ERROR(OpenAudit());
    gatekeeper_ = rpc::Gatekeeper::Make(
        {.matrix = *matrix_, .audit = *audit_, .clock = deps_.clock, .random = deps_.random, .metrics = *metrics_});
    shared_.reset(new Shared{.config = deps_.config,
                             .manifest = *manifest_,
                             .clock = deps_.clock,
                             .random = deps_.random,
                             .metrics = *metrics_,
                             .conditions = *conditions_,
                             .matrix = *matrix_,
                             .audit = *audit_,
                             .admission = admission_,
                             .local_methods = local_methods_,
                             .heard = heard_,
                             .local_token = NewLocalToken(deps_.random)});
    for (const ModuleEntry& entry : deps_.modules) shared_->services.emplace(entry.name);
    return absl::OkStatus();
  }

  absl::Status OpenAudit() {
    const std::string folder = folder_->audit_folder();
    if (manifest_->has_audit() && !HoldsSegments(folder)) {
      return Lost(absl::StrCat("audit folder ", folder, " holds no segment, and this folder has had its audit log"),
                  kAuditPart);
    }
    GH_ASSIGN_OR_RETURN(audit_, audit::Open({.folder = folder,
                                             .process = deps_.config.name(),
                                             .clock = &deps_.clock,
                                             .keys_folder = deps_.config.audit_keys_dir(),
                                             .random = &deps_.random,
                                             .report = [this](std::string_view condition, const absl::Status& status) {
                                               if (status.ok()) return conditions_->Clear(condition);
                                               // Without its leaf no call about a person is answered.
                                               conditions_->Raise(condition, observe::Severity::kNotServing,
                                                                  std::string(status.message()));
                                             }}));
    return manifest_->AuditBegan();
  }

  absl::Status MakeModules() {
    Outboxes outboxes;
    for (const ModuleEntry& entry : deps_.modules) {
      GH_ASSIGN_OR_RETURN(auto platform, ModulePlatform::Open(*shared_, entry));
      outboxes.emplace(entry.name, &platform->outbox());
      platforms_.push_back(std::move(platform));
      GH_ASSIGN_OR_RETURN(auto module, entry.make(*platforms_.back()));
      modules_.push_back(std::move(module));
    }
    LeaveKeyNote(deps_.config, *manifest_);
    event_host_ = MakeHost("event", /*threads=*/2);
    event_service_ = MakeEventService(*event_host_, std::move(outboxes));
    health_host_ = MakeHost("runtime", /*threads=*/1);
    health_service_ = MakeHealthService(*health_host_, *conditions_);
    return absl::OkStatus();
  }

  // Of its own for each: a store that hangs holds the threads of ListEvents, and health says so.
  std::unique_ptr<rpc::Host> MakeHost(const char* service, size_t threads) {
    return rpc::Host::Make({.service = service,
                            .clock = deps_.clock,
                            .random = deps_.random,
                            .matrix = *matrix_,
                            .audit = *audit_,
                            .metrics = *metrics_,
                            .local_token = shared_->local_token,
                            .lanes = {.line = {.threads = threads, .queue = 64}},
                            .admission = &admission_,
                            .heard = &heard_});
  }

  absl::Status StartServer() {
    std::vector<grpc::Service*> services = {event_service_.get(), health_service_.get()};
    for (const auto& module : modules_) {
      for (grpc::Service* service : module->services()) services.push_back(service);
    }
    const v1::Server& server = deps_.config.server();
    GH_ASSIGN_OR_RETURN(
        server_, rpc::Server::Start(
                     {.listen = server.listen(),
                      .tls = TlsOf(deps_.config),
                      .max_concurrent_calls = OrDefault(server.max_concurrent_calls(), kDefaultConcurrentCalls),
                      .admission = &admission_,
                      .gatekeeper = gatekeeper_.get(),
                      .heard = &heard_,
                      .max_connections = OrDefault(server.max_connections(), kDefaultConnections),
                      .max_connections_of_address = server.max_connections_per_address(),
                      .max_unproven_of_address =
                          OrDefault(server.max_unproven_connections_per_address(), kDefaultUnprovenOfAddress),
                      .handshake_timeout =
                          absl::Milliseconds(OrDefault(server.handshake_timeout_ms(), kDefaultHandshakeTimeout_ms))},
                     services));
    return absl::OkStatus();
  }

  void StartHealth() {
    std::map<std::string, Module*> modules;
    for (size_t i = 0; i < modules_.size(); ++i) modules.emplace(platforms_[i]->name(), modules_[i].get());
    health_ = std::make_unique<Health>(Health::Deps{.config = deps_.config,
                                                    .metrics = *metrics_,
                                                    .conditions = *conditions_,
                                                    .server = *server_,
                                                    .modules = std::move(modules),
                                                    .also =
                                                        [this] {
                                                          for (const auto& platform : platforms_)
                                                            platform->ReportRelay();
                                                        },
                                                    .give_up = GiveUp});
    health_->Start();
  }

  // Who was removed from the file is refused at his next call. A file that is wrong changes nothing but this.
  void RereadMatrix() {
    const absl::Status read = matrix_->Reread();
    if (read.ok()) {
      conditions_->Clear("authz.matrix");
    } else {
      conditions_->Raise("authz.matrix", observe::Severity::kDegraded,
                         absl::StrCat(read.message(), "; the last good one is in force"));
    }
  }

  void RemovePortFile() {
    std::error_code ignored;
    if (!deps_.config.server().port_file().empty()) {
      std::filesystem::remove(deps_.config.server().port_file(), ignored);
    }
  }

  // In the order of making; Drain takes them apart.
  const Deps deps_;
  const std::unique_ptr<observe::Metrics> metrics_;
  const std::unique_ptr<observe::Conditions> conditions_;
  rpc::Admission admission_;
  rpc::LocalMethods local_methods_;
  rpc::Heard heard_;
  std::unique_ptr<authz::MatrixFile> matrix_;
  std::unique_ptr<DataFolder> folder_;
  std::unique_ptr<Manifest> manifest_;
  std::unique_ptr<audit::Log> audit_;
  std::unique_ptr<rpc::Gatekeeper> gatekeeper_;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<ModulePlatform>> platforms_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::unique_ptr<rpc::Host> event_host_;
  std::unique_ptr<rpc::Host> health_host_;
  std::unique_ptr<grpc::Service> event_service_;
  std::unique_ptr<grpc::Service> health_service_;
  std::unique_ptr<rpc::Server> server_;
  bool modules_started_ = false;
  bool drained_ = false;
  std::unique_ptr<Health> health_;
  base::Periodic matrix_reader_;  // of its own: nothing that hangs keeps a removed officer in
};

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(Deps deps) {
  auto process = std::make_unique<ModuleProcess>(std::move(deps));
  GH_RETURN_IF_ERROR(process->Start());
  return process;
}

absl::Status MigrateStores(const v1::Config& config, const std::vector<ModuleEntry>& modules) {
  GH_RETURN_IF_ERROR(CheckStores(config, modules));
  GH_ASSIGN_OR_RETURN(const std::unique_ptr<DataFolder> folder, DataFolder::Open(config.data_dir()));
  GH_ASSIGN_OR_RETURN(Manifest manifest, OpenManifest(config, base::SystemClock(), base::SystemRandom()));
  for (const ModuleEntry& entry : modules) {
    GH_ASSIGN_OR_RETURN(const OpenedStore store, OpenStore({.config = config,
                                                            .manifest = manifest,
                                                            .clock = base::SystemClock(),
                                                            .random = base::SystemRandom(),
                                                            .migrate_server = true},
                                                           entry));
    observe::LogInfo("store migrated", {{"service", entry.name}, {"store_id", store.id}});
  }
  return absl::OkStatus();
}

absl::Status BeginAnew(const v1::Config& config, const std::string& part) {
  GH_ASSIGN_OR_RETURN(const std::unique_ptr<DataFolder> folder, DataFolder::Open(config.data_dir()));
  const std::string new_id = base::NewUuid(base::SystemClock(), base::SystemRandom());
  if (part == kFolderPart) {
    const absl::Status begun = Manifest::BeginAnew(config.data_dir(), new_id);
    if (!begun.ok() && !absl::IsFailedPrecondition(begun)) return begun;
    GH_ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Open(config.data_dir(), new_id));
    // With its manifest there, the note beside the key may be what stood in the way.
    if (!LeaveKeyNote(config, manifest)) GH_RETURN_IF_ERROR(begun);
  } else {
    GH_ASSIGN_OR_RETURN(Manifest manifest, Manifest::Open(config.data_dir(), new_id));
    // What is there is not gone, whoever says so; and a start would take it again.
    if (part == kAuditPart && HoldsSegments(folder->audit_folder())) {
      return absl::FailedPreconditionError(
          absl::StrCat("audit folder ", folder->audit_folder(), " holds segments: nothing begins anew while they are ",
                       "there; move the folder away, whole (docs/runbooks/damaged-audit-log.md)"));
    }
    if (StoreIsWhole(config, manifest, part)) {
      return absl::FailedPreconditionError(
          absl::StrCat("the store of ", part,
                       " is there, with the id that this folder has had: nothing is lost; move it away first"));
    }
    GH_RETURN_IF_ERROR(manifest.Forget(part));
  }
  observe::LogWarning("begins anew at the next start", {{"part", part}, {"data_dir", config.data_dir()}});
  return absl::OkStatus();
}

}  // namespace gatehouse::runtime
