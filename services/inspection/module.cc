#include "services/inspection/module.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "services/inspection/convert.h"
#include "services/inspection/document_client.h"
#include "services/inspection/grpc_service.h"
#include "services/inspection/policy_file.h"
#include "services/inspection/schema.h"
#include "services/inspection/store.h"
#include "services/inspection/traveller_client.h"
#include "services/inspection/watchlist_client.h"

namespace gatehouse::inspection {
namespace {

// Each inspection asks at most two others at once, and blocks meanwhile: two askers for each handler.
constexpr size_t kAskersPerHandler = 2;
constexpr int kDefaultHandlers = 32;
constexpr size_t kQuestionQueue = 1024;
constexpr absl::Duration kDrivePause = absl::Seconds(1);
constexpr absl::Duration kClosePause = absl::Seconds(10);

struct Settings {
  Policy policy;
  absl::Duration deadline;
  absl::Duration abandon_after;
  std::string post;
  size_t askers = 0;
};

absl::StatusOr<Settings> ReadSettings(const gatehouse::runtime::v1::Config& config) {
  const auto& mine = config.inspection();
  if (mine.deadline_ms() < 0 || mine.deadline_ms() > 60'000) {
    return absl::InvalidArgumentError("inspection.deadline_ms must be 0 to 60000");
  }
  if (mine.abandon_after_s() < 0) return absl::InvalidArgumentError("inspection.abandon_after_s must not be negative");
  if (!mine.post().empty() && !IsPostCode(mine.post())) {
    return absl::InvalidArgumentError("inspection.post must be 1 to 16 characters A-Z 0-9 -");
  }
  const int handlers = config.threads_per_module() == 0 ? kDefaultHandlers : config.threads_per_module();
  Settings settings{
      .deadline = absl::Milliseconds(mine.deadline_ms() == 0 ? 3000 : mine.deadline_ms()),
      .abandon_after = absl::Seconds(mine.abandon_after_s() == 0 ? 1800 : mine.abandon_after_s()),
      .post = mine.post(),
      .askers = kAskersPerHandler * static_cast<size_t>(handlers),
  };
  if (mine.policy_file().empty()) {
    settings.policy = BuiltInPolicy();
  } else {
    GH_ASSIGN_OR_RETURN(settings.policy, ReadPolicyFile(mine.policy_file()));
  }
  return settings;
}

struct Peers {
  rpc::Peer* document;
  rpc::Peer* watchlist;
  rpc::Peer* traveller;
};

class InspectionModule final : public runtime::Module {
 public:
  InspectionModule(runtime::Platform& platform, Settings settings, const Peers& peers)
      : database_(platform.database()),
        pending_(platform.metrics().GetGauge("gatehouse_inspection_crossings_pending",
                                             "Decided crossings that the traveller service has not accepted yet", {})),
        verifier_(MakeDocumentClient(*peers.document)),
        screener_(MakeWatchlistClient(*peers.watchlist)),
        directory_(MakeTravellerClient(*peers.traveller)),
        recorder_(MakeCrossingClient(*peers.traveller)),
        store_(MakeInspectionStore({.database = platform.database(),
                                    .outbox = platform.outbox(),
                                    .sealer = platform.sealer(),
                                    .clock = platform.clock(),
                                    .random = platform.random(),
                                    .wake_relay = [&platform] { platform.WakeRelay(); }})),
        intents_(MakeCrossingIntents(platform.database())),
        pool_(std::make_unique<base::WorkerPool>(settings.askers, kQuestionQueue)),
        inspector_({.verifier = *verifier_,
                    .screener = *screener_,
                    .directory = *directory_,
                    .store = *store_,
                    .pool = *pool_,
                    .clock = platform.clock(),
                    .random = platform.random(),
                    .policy = std::move(settings.policy),
                    .deadline = settings.deadline}),
        desk_({.store = *store_,
               .intents = *intents_,
               .recorder = *recorder_,
               .clock = platform.clock(),
               .abandon_after = settings.abandon_after}),
        desk_service_(
            MakeInspectionService(platform.host(), platform.metrics(), inspector_, desk_, std::move(settings.post))),
        query_service_(MakeInspectionQueryService(platform.host(), *store_)),
        drive_(kDrivePause, [this] { Drive(); }),
        close_(kClosePause, [this] { Close(); }) {}

  std::vector<grpc::Service*> services() override { return {desk_service_.get(), query_service_.get()}; }

  absl::Status Start() override {
    drive_.Start();
    close_.Start();
    return absl::OkStatus();
  }

  void Stop() override {
    drive_.Stop();
    close_.Stop();
    // Waits for questions that are still out: they hold channels to servers that are about to go.
    pool_.reset();
  }

  absl::Status Health() override { return database_.Ping(); }

 private:
  void Drive() {
    const absl::StatusOr<Desk::DriveResult> result = desk_.DrivePending();
    if (!result.ok()) {
      observe::LogWarning("pending crossings could not be driven",
                          {{"code", absl::StatusCodeToString(result.status().code())}});
    } else if (result->accepted > 0 || result->postponed > 0) {
      observe::LogInfo("pending crossings driven", {{"accepted", result->accepted}, {"postponed", result->postponed}});
    }
    const absl::StatusOr<int64_t> pending = intents_->Count();
    if (pending.ok()) pending_.Set(static_cast<double>(*pending));
  }

  void Close() {
    const absl::StatusOr<int> closed = desk_.CloseUndecided();
    if (!closed.ok()) {
      observe::LogWarning("undecided inspections could not be closed",
                          {{"code", absl::StatusCodeToString(closed.status().code())}});
    } else if (*closed > 0) {
      observe::LogInfo("undecided inspections closed as abandoned", {{"count", *closed}});
    }
  }

  sql::Database& database_;
  observe::Gauge& pending_;
  std::unique_ptr<DocumentVerifier> verifier_;
  std::unique_ptr<WatchlistScreener> screener_;
  std::unique_ptr<TravellerDirectory> directory_;
  std::unique_ptr<CrossingRecorder> recorder_;
  std::unique_ptr<InspectionStore> store_;
  std::unique_ptr<CrossingIntents> intents_;
  std::unique_ptr<base::WorkerPool> pool_;
  Inspector inspector_;
  Desk desk_;
  std::unique_ptr<grpc::Service> desk_service_;
  std::unique_ptr<grpc::Service> query_service_;
  base::Periodic drive_;
  base::Periodic close_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> Make(runtime::Platform& platform) {
  GH_ASSIGN_OR_RETURN(Settings settings, ReadSettings(platform.config()));
  Peers peers{};
  GH_ASSIGN_OR_RETURN(peers.document, platform.peer("document"));
  GH_ASSIGN_OR_RETURN(peers.watchlist, platform.peer("watchlist"));
  GH_ASSIGN_OR_RETURN(peers.traveller, platform.peer("traveller"));
  return std::make_unique<InspectionModule>(platform, std::move(settings), peers);
}

}  // namespace

const runtime::ModuleEntry kModule = {.name = "inspection", .migrations = kMigrations, .make = Make};

}  // namespace gatehouse::inspection
