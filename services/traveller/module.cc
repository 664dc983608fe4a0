#include "services/traveller/module.h"

#include <grpcpp/impl/codegen/service_type.h>

#include "services/traveller/grpc_service.h"
#include "services/traveller/schema.h"
#include "services/traveller/store.h"

namespace gatehouse::traveller {
namespace {

class TravellerModule final : public runtime::Module {
 public:
  explicit TravellerModule(runtime::Platform& platform)
      : database_(platform.database()),
        store_(MakeStore({.database = platform.database(),
                          .outbox = platform.outbox(),
                          .sealer = platform.sealer(),
                          .clock = platform.clock(),
                          .random = platform.random(),
                          .wake_relay = [&platform] { platform.WakeRelay(); },
                          .conditions = platform.conditions()})),
        register_({.store = *store_, .clock = platform.clock(), .random = platform.random()}),
        traveller_service_(MakeTravellerService(platform.host(), register_)),
        crossing_service_(MakeCrossingService(platform.host(), register_)),
        admin_service_(MakeTravellerAdminService(platform.host(), register_)) {}

  std::vector<grpc::Service*> services() override {
    return {traveller_service_.get(), crossing_service_.get(), admin_service_.get()};
  }
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}
  absl::Status Health() override { return database_.Ping(); }

 private:
  sql::Database& database_;
  std::unique_ptr<CrossingStore> store_;
  Register register_;
  std::unique_ptr<grpc::Service> traveller_service_;
  std::unique_ptr<grpc::Service> crossing_service_;
  std::unique_ptr<grpc::Service> admin_service_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> Make(runtime::Platform& platform) {
  return std::make_unique<TravellerModule>(platform);
}

}  // namespace

const runtime::ModuleEntry kModule = {.name = "traveller", .migrations = kMigrations, .make = Make};

}  // namespace gatehouse::traveller
