#include "services/watchlist/module.h"

#include <grpcpp/impl/service_type.h>

#include "absl/strings/str_cat.h"
#include "libs/base/deadline.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "services/watchlist/base_conditions.h"
#include "services/watchlist/grpc_service.h"
#include "services/watchlist/schema.h"
#include "services/watchlist/store.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {
namespace {

constexpr absl::Duration kRefreshInterval = absl::Seconds(2);
constexpr absl::Duration kRefreshTimeout = absl::Seconds(60);  // a large list takes seconds to decode

absl::Duration Days(int configured, int otherwise) {
  return absl::Hours(24) * (configured > 0 ? configured : otherwise);
}

RequiredBases Required(const runtime::v1::Watchlist& config) {
  return {.persons = {config.required_person_bases().begin(), config.required_person_bases().end()},
          .documents = {config.required_document_bases().begin(), config.required_document_bases().end()}};
}

ReviewLimits Review(const runtime::v1::Watchlist& config) {
  ReviewLimits limits;
  if (config.max_lost_percent() > 0) limits.lost_percent = config.max_lost_percent();
  if (config.max_rejected_percent() > 0) limits.rejected_percent = config.max_rejected_percent();
  return limits;
}

class WatchlistModule final : public runtime::Module {
 public:
  explicit WatchlistModule(runtime::Platform& platform)
      : store_(MakeBaseStore({.database = platform.database(),
                              .outbox = platform.outbox(),
                              .sealer = platform.sealer(),
                              .clock = platform.clock(),
                              .random = platform.random(),
                              .wake_relay = [&platform] { platform.WakeRelay(); }})),
        watchlist_({.store = *store_,
                    .clock = platform.clock(),
                    .random = platform.random(),
                    .ages = {.warn = Days(platform.config().watchlist().warn_age_days(), 1),
                             .max = Days(platform.config().watchlist().max_age_days(), 30)},
                    .required = Required(platform.config().watchlist()),
                    .review = Review(platform.config().watchlist())}),
        conditions_(platform.conditions()),
        service_(MakeWatchlistService(platform.host(), watchlist_)),
        admin_service_(MakeWatchlistAdminService(platform.host(), watchlist_)),
        refresher_(kRefreshInterval, kRefreshTimeout, [this] { Refresh(); }) {}

  // Bases that cannot be loaded now are missing answers, named as such, and no reason not to start: what can be
  // answered is.
  void Load() { Refresh(); }

  std::vector<grpc::Service*> services() override { return {service_.get(), admin_service_.get()}; }

  absl::Status Start() override {
    refresher_.Start();
    return absl::OkStatus();
  }

  void Stop() override { refresher_.Stop(); }

 private:
  void Refresh() {
    const base::WorkTimeScope scope(base::WorkTime::In(kRefreshTimeout));
    const absl::Status refreshed = watchlist_.Refresh();
    conditions_.Tell(refreshed, watchlist_.Bases());
  }

  std::unique_ptr<BaseStore> store_;
  Watchlist watchlist_;
  BaseConditions conditions_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> admin_service_;
  base::Periodic refresher_;
};

absl::Status CheckSettings(const gatehouse::runtime::v1::Config& config) {
  const absl::Status status = Required(config.watchlist()).Check();
  return status.ok() ? status : absl::InvalidArgumentError(absl::StrCat("watchlist.", status.message()));
}

absl::StatusOr<std::unique_ptr<runtime::Module>> MakeModule(runtime::Platform& platform) {
  GH_RETURN_IF_ERROR(CheckSettings(platform.config()));
  auto module = std::make_unique<WatchlistModule>(platform);
  module->Load();
  return module;
}

}  // namespace

const runtime::ModuleEntry kModule = {
    .name = "watchlist", .migrations = Migrations(), .make = MakeModule, .check = CheckSettings};

}  // namespace gatehouse::watchlist
