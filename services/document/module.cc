#include "services/document/module.h"

#include <grpcpp/impl/service_type.h>

#include <fstream>
#include <utility>

#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "services/document/grpc_service.h"
#include "services/document/schema.h"
#include "services/document/seal_grpc_service.h"
#include "services/document/store.h"
#include "services/document/trust.h"
#include "services/document/trust_grpc_service.h"
#include "services/document/trust_snapshot_file.h"

namespace gatehouse::document {
namespace {

constexpr absl::Duration kRefreshInterval = absl::Seconds(2);

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || content.empty()) return absl::NotFoundError(path + ": missing or empty");
  return content;
}

// Of the first object in a PEM or DER file.
absl::StatusOr<pki::CertificatePtr> ReadCertificate(const std::string& path) {
  GH_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  GH_ASSIGN_OR_RETURN(const auto objects, pki::ReadTrustObjects(pki::AsBytes(content)));
  if (objects.empty()) return absl::InvalidArgumentError(path + ": no certificate");
  return pki::Certificate::Parse(objects.front());
}

absl::StatusOr<TrustPackKeys> ReadPackKeys(const gatehouse::runtime::v1::Document& config) {
  TrustPackKeys keys;
  if (!config.trust_pack_key_file().empty()) {
    GH_ASSIGN_OR_RETURN(keys.key, ReadFile(config.trust_pack_key_file()));
    GH_ASSIGN_OR_RETURN(const pki::CertificatePtr certificate, ReadCertificate(config.trust_pack_certificate_file()));
    keys.certificate.assign(certificate->der.begin(), certificate->der.end());
  }
  for (const std::string& path : config.trust_pack_signer_files()) {
    GH_ASSIGN_OR_RETURN(pki::CertificatePtr signer, ReadCertificate(path));
    keys.signers.push_back(std::move(signer));
  }
  return keys;
}

class DocumentModule final : public runtime::Module {
 public:
  DocumentModule(runtime::Platform& platform, TrustPackKeys pack_keys)
      : repository_(MakeTrustRepository({.database = platform.database(),
                                         .outbox = platform.outbox(),
                                         .clock = platform.clock(),
                                         .random = platform.random(),
                                         .wake_relay = [&platform] { platform.WakeRelay(); }})),
        snapshot_file_(MakeTrustSnapshotFile(platform.config().data_dir() + "/document")),
        trust_({.repository = *repository_,
                .clock = platform.clock(),
                .random = platform.random(),
                .snapshot_file = snapshot_file_.get(),
                .pack_keys = std::move(pack_keys)}),
        service_(MakeDocumentService(platform.host(), trust_, platform.clock())),
        seal_service_(MakeSealService(platform.host(), trust_, platform.clock())),
        admin_service_(MakeTrustAdminService(platform.host(), trust_)),
        refresher_(kRefreshInterval, [this] { Refresh(); }) {}

  absl::Status Load() { return trust_.Refresh(); }

  std::vector<grpc::Service*> services() override { return {service_.get(), seal_service_.get(), admin_service_.get()}; }

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
    if (const absl::Status status = trust_.file_status(); status != file_status_) {
      file_status_ = status;
      observe::LogWarning("the trust snapshot file", {{"reason", std::string(status.message())}});
    }
  }

  std::unique_ptr<TrustRepository> repository_;
  std::unique_ptr<TrustSnapshotFile> snapshot_file_;
  Trust trust_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> seal_service_;
  std::unique_ptr<grpc::Service> admin_service_;
  absl::Status file_status_;  // as it was logged
  base::Periodic refresher_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> MakeModule(runtime::Platform& platform) {
  GH_ASSIGN_OR_RETURN(TrustPackKeys pack_keys, ReadPackKeys(platform.config().document()));
  auto module = std::make_unique<DocumentModule>(platform, std::move(pack_keys));
  GH_RETURN_IF_ERROR(module->Load());
  return module;
}

}  // namespace

const runtime::ModuleEntry kModule = {.name = "document", .migrations = Migrations(), .make = MakeModule};

}  // namespace gatehouse::document
