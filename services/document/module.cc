#include "services/document/module.h"

#include <grpcpp/impl/service_type.h>

#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "services/document/grpc_service.h"
#include "services/document/schema.h"
#include "services/document/store.h"
#include "services/document/trust.h"

namespace gatehouse::document {
namespace {

constexpr absl::Duration kRefreshInterval = absl::Seconds(2);

class DocumentModule final : public runtime::Module {
 public:
  explicit DocumentModule(runtime::Platform& platform)
      : repository_(MakeTrustRepository({.database = platform.database(),
                                         .outbox = platform.outbox(),
                                         .clock = platform.clock(),
                                         .random = platform.random(),
                                         .wake_relay = [&platform] { platform.WakeRelay(); }})),
        trust_({.repository = *repository_, .clock = platform.clock()}),
        service_(MakeDocumentService(platform.host(), trust_, platform.clock())),
        admin_service_(MakeTrustAdminService(platform.host(), trust_)),
        refresher_(kRefreshInterval, [this] { Refresh(); }) {}

  absl::Status Load() { return trust_.Refresh(); }

  std::vector<grpc::Service*> services() override { return {service_.get(), admin_service_.get()}; }

  absl::Status Start() override {
    refresher_.Start();
    return absl::OkStatus();
  }

  void Stop() override { refresher_.Stop(); }

 private:
  void Refresh() {
    // A store that cannot be read leaves the snapshot as it is; its age shows in every report.
    if (const absl::Status status = trust_.Refresh(); !status.ok()) {
      observe::LogWarning("the trust store was not refreshed", {{"reason", std::string(status.message())}});
    }
  }

  std::unique_ptr<TrustRepository> repository_;
  Trust trust_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> admin_service_;
  base::Periodic refresher_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> MakeModule(runtime::Platform& platform) {
  auto module = std::make_unique<DocumentModule>(platform);
  GH_RETURN_IF_ERROR(module->Load());
  return module;
}

}  // namespace

const runtime::ModuleEntry kModule = {.name = "document", .migrations = Migrations(), .make = MakeModule};

}  // namespace gatehouse::document
