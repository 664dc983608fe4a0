#include "services/inspection/module.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/conditions.h"
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
// What one round of either may take: what is not done then is done in the next.
constexpr absl::Duration kRoundTime = absl::Seconds(30);
// A crossing that waits longer than this is heard of: it is decided, and no history knows of it.
constexpr absl::Duration kLongPending = absl::Minutes(15);
// What the window of two posts may look back on, and some more; so many rows at once.
constexpr absl::Duration kKeepSightings = absl::Hours(1);
constexpr int kForgetBatch = 1000;
// A referral that nobody decided in a day is not waited for any more.
constexpr absl::Duration kKeepReferrals = absl::Hours(24);

constexpr char kRefusedCondition[] = "inspection.crossings_refused";
constexpr char kPendingCondition[] = "inspection.crossings_pending";
constexpr char kDriveCondition[] = "inspection.drive_failed";
constexpr char kCloseCondition[] = "inspection.close_failed";
constexpr char kDamagedCondition[] = "inspection.row_damaged";

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

  bool AreLocal() const { return document->IsLocal() && watchlist->IsLocal() && traveller->IsLocal(); }
};

class InspectionModule final : public runtime::Module {
 public:
  InspectionModule(runtime::Platform& platform, Settings settings, const Peers& peers)
      : database_(platform.database()),
        clock_(platform.clock()),
        conditions_(platform.conditions()),
        pending_(platform.metrics().GetGauge("gatehouse_inspection_crossings_pending",
                                             "Decided crossings that the traveller service has not accepted yet", {})),
        refused_(platform.metrics().GetGauge("gatehouse_inspection_crossings_refused",
                                             "Decided crossings that the traveller service refuses for good", {})),
        verifier_(MakeDocumentClient(*peers.document)),
        screener_(MakeWatchlistClient(*peers.watchlist)),
        directory_(MakeTravellerClient(*peers.traveller)),
        recorder_(MakeCrossingClient(*peers.traveller)),
        resolver_(MakeHistoryResolver(*peers.traveller)),
        store_(MakeInspectionStore(
            {.database = platform.database(),
             .outbox = platform.outbox(),
             .sealer = platform.sealer(),
             .clock = platform.clock(),
             .random = platform.random(),
             .damaged = [this](const std::string& id, const std::string& why) { NoteDamaged("inspection", id, why); },
             .wake_relay = [&platform] { platform.WakeRelay(); }})),
        intents_(MakeCrossingIntents(platform.database(), platform.sealer())),
        pool_(peers.AreLocal() ? nullptr : std::make_unique<base::WorkerPool>(settings.askers, kQuestionQueue)),
        keep_latest_(std::max(kKeepSightings, 2 * settings.abandon_after)),
        inspector_({.verifier = *verifier_,
                    .screener = *screener_,
                    .directory = *directory_,
                    .store = *store_,
                    .pool = pool_.get(),
                    .clock = platform.clock(),
                    .random = platform.random(),
                    .policy = std::move(settings.policy),
                    .deadline = settings.deadline}),
        desk_({.store = *store_,
               .intents = *intents_,
               .recorder = *recorder_,
               .clock = platform.clock(),
               .abandon_after = settings.abandon_after}),
        desk_service_(MakeInspectionService(platform.host(), platform.metrics(), inspector_, desk_, *resolver_,
                                            std::move(settings.post))),
        query_service_(MakeInspectionQueryService(platform.host(), *store_, *resolver_)),
        intent_service_(MakeCrossingIntentService(platform.host(), *intents_, platform.clock())),
        drive_(kDrivePause, kRoundTime, [this] { Drive(); }),
        close_(kClosePause, kRoundTime, [this] { Close(); }) {}

  std::vector<grpc::Service*> services() override {
    return {desk_service_.get(), query_service_.get(), intent_service_.get()};
  }

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
  // Stays until the process starts again: that this listing met no damage does not say that there is none.
  void NoteDamaged(std::string_view what, const std::string& id, const std::string& why) {
    conditions_.Raise(kDamagedCondition, observe::Severity::kDegraded,
                      absl::StrCat(std::string(what), " ", id, " does not read: ", why));
  }

  // `why` empty: it is over.
  void Tell(const char* condition, const std::string& why) {
    if (why.empty()) return conditions_.Clear(condition);
    conditions_.Raise(condition, observe::Severity::kDegraded, why);
  }

  void Drive() {
    const absl::StatusOr<Desk::DriveResult> result = desk_.DrivePending();
    Tell(kDriveCondition, result.ok() ? "" : absl::StatusCodeToString(result.status().code()));
    if (result.ok()) {
      for (const std::string& id : result->damaged) NoteDamaged("the crossing of inspection", id, "ROW_DAMAGED");
      if (result->accepted > 0 || result->postponed > 0 || result->refused > 0) {
        observe::LogInfo("pending crossings driven",
                         {{"accepted", result->accepted},
                          {"postponed", result->postponed},
                          {"refused", result->refused},
                          {"last_failure", absl::StatusCodeToString(result->last_failure.code())}});
      }
    }
    TellOfIntents();
  }

  void TellOfIntents() {
    const absl::StatusOr<IntentCounts> counts = intents_->Count();
    if (!counts.ok()) return;  // the drive's own condition says so
    pending_.Set(static_cast<double>(counts->pending));
    refused_.Set(static_cast<double>(counts->refused));
    Tell(kRefusedCondition,
         counts->refused == 0 ? "" : "the traveller service refuses decided crossings; see refused-crossings");
    const bool long_pending = counts->oldest_pending && clock_.Now() - *counts->oldest_pending > kLongPending;
    Tell(kPendingCondition,
         long_pending ? "decided crossings have not been accepted for a quarter of an hour or longer" : "");
  }

  void Close() {
    const absl::StatusOr<Desk::CloseResult> result = desk_.CloseUndecided();
    absl::Status status = result.status();
    if (result.ok()) {
      for (const std::string& id : result->damaged) NoteDamaged("inspection", id, "ROW_DAMAGED");
      if (result->closed > 0) {
        observe::LogInfo("undecided inspections closed as abandoned", {{"count", result->closed}});
      }
      const absl::Time now = clock_.Now();
      status = store_->ForgetSightings(now - kKeepSightings, kForgetBatch).status();
      status.Update(store_->ForgetShown(now - keep_latest_, now - kKeepReferrals, kForgetBatch).status());
    }
    Tell(kCloseCondition, status.ok() ? "" : absl::StatusCodeToString(status.code()));
  }

  sql::Database& database_;
  base::Clock& clock_;
  observe::Conditions& conditions_;
  observe::Gauge& pending_;
  observe::Gauge& refused_;
  std::unique_ptr<DocumentVerifier> verifier_;
  std::unique_ptr<WatchlistScreener> screener_;
  std::unique_ptr<TravellerDirectory> directory_;
  std::unique_ptr<CrossingRecorder> recorder_;
  std::unique_ptr<HistoryResolver> resolver_;
  std::unique_ptr<InspectionStore> store_;
  std::unique_ptr<CrossingIntents> intents_;
  std::unique_ptr<base::WorkerPool> pool_;  // null where the peers answer on the caller's thread
  const absl::Duration keep_latest_;        // longer than an open inspection can be decided
  Inspector inspector_;
  Desk desk_;
  std::unique_ptr<grpc::Service> desk_service_;
  std::unique_ptr<grpc::Service> query_service_;
  std::unique_ptr<grpc::Service> intent_service_;
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

absl::Status CheckSettings(const gatehouse::runtime::v1::Config& config) { return ReadSettings(config).status(); }

}  // namespace

const runtime::ModuleEntry kModule = {
    .name = "inspection", .migrations = kMigrations, .make = Make, .check = CheckSettings};

}  // namespace gatehouse::inspection
