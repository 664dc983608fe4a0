#include "services/watchlist/module.h"

#include <grpcpp/impl/service_type.h>

#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "services/watchlist/grpc_service.h"
#include "services/watchlist/schema.h"
#include "services/watchlist/store.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {
namespace {

constexpr absl::Duration kRefreshInterval = absl::Seconds(2);

absl::Duration Days(int configured, int otherwise) {
  return absl::Hours(24) * (configured > 0 ? configured : otherwise);
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
                    .ages = {.warn = Days(platform.config().watchlist().warn_age_days(), 1),
                             .max = Days(platform.config().watchlist().max_age_days(), 30)}}),
        service_(MakeWatchlistService(platform.host(), watchlist_)),
        admin_service_(MakeWatchlistAdminService(platform.host(), watchlist_)),
        refresher_(kRefreshInterval, [this] { Refresh(); }) {}

  absl::Status Load() { return watchlist_.Refresh(); }

  std::vector<grpc::Service*> services() override { return {service_.get(), admin_service_.get()}; }

  absl::Status Start() override {
    refresher_.Start();
    return absl::OkStatus();
  }

  void Stop() override { refresher_.Stop(); }

 private:
  void Refresh() {
    // A store that cannot be read leaves the snapshots as they are; their age shows in every answer.
    if (const absl::Status status = watchlist_.Refresh(); !status.ok()) {
      observe::LogWarning("bases were not refreshed", {{"reason", std::string(status.message())}});
    }
  }

  std::unique_ptr<BaseStore> store_;
  Watchlist watchlist_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> admin_service_;
  base::Periodic refresher_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> MakeModule(runtime::Platform& platform) {
  auto module = std::make_unique<WatchlistModule>(platform);
  GH_RETURN_IF_ERROR(module->Load());
  return module;
}

}  // namespace

const runtime::ModuleEntry kModule = {.name = "watchlist", .migrations = Migrations(), .make = MakeModule};

}  // namespace gatehouse::watchlist
