#include "services/document/module.h"

#include <grpcpp/impl/service_type.h>

#include <fstream>
#include <utility>

#include "libs/base/deadline.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/observe/conditions.h"
#include "services/document/challenge_store.h"
#include "services/document/challenges.h"
#include "services/document/grpc_service.h"
#include "services/document/notice_counts.h"
#include "services/document/notice_grpc_service.h"
#include "services/document/notice_store.h"
#include "services/document/notices.h"
#include "services/document/policy_file.h"
#include "services/document/request_store.h"
#include "services/document/schema.h"
#include "services/document/seal_grpc_service.h"
#include "services/document/seen_store.h"
#include "services/document/store.h"
#include "services/document/trust.h"
#include "services/document/trust_grpc_service.h"
#include "services/document/trust_snapshot_file.h"

namespace gatehouse::document {
namespace {

constexpr absl::Duration kRefreshInterval = absl::Seconds(2);
constexpr absl::Duration kRefreshTimeout = kMaxUnasked;  // a whole directory takes its time
constexpr absl::Duration kRememberInterval = absl::Seconds(1);
constexpr absl::Duration kRememberTimeout = absl::Seconds(5);
constexpr int kDefaultSeenRetentionDays = 30;
// How long the same request is answered as before.
constexpr absl::Duration kRequestRetention = absl::Hours(24 * 30);

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

absl::StatusOr<std::vector<pki::CertificatePtr>> ReadCertificates(
    const google::protobuf::RepeatedPtrField<std::string>& paths) {
  std::vector<pki::CertificatePtr> certificates;
  for (const std::string& path : paths) {
    GH_ASSIGN_OR_RETURN(pki::CertificatePtr certificate, ReadCertificate(path));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

absl::StatusOr<TrustPackKeys> ReadPackKeys(const gatehouse::runtime::v1::Document& config) {
  TrustPackKeys keys;
  if (!config.trust_pack_key_file().empty()) {
    GH_ASSIGN_OR_RETURN(keys.key, ReadFile(config.trust_pack_key_file()));
    GH_ASSIGN_OR_RETURN(const pki::CertificatePtr certificate, ReadCertificate(config.trust_pack_certificate_file()));
    keys.certificate.assign(certificate->der.begin(), certificate->der.end());
  }
  GH_ASSIGN_OR_RETURN(keys.signers, ReadCertificates(config.trust_pack_signer_files()));
  return keys;
}

struct Settings {
  Policy policy;
  absl::Duration seen_retention;
  bool forget_seen = false;
  std::unique_ptr<seal::TextSigner> signer;  // null: reports are not signed
  TrustPackKeys pack_keys;
  std::vector<pki::CertificatePtr> notice_issuers;
};

absl::StatusOr<Settings> ReadSettings(const gatehouse::runtime::v1::Document& mine) {
  Settings settings{.policy = BuiltInPolicy(),
                    .seen_retention = absl::Hours(24) * (mine.seen_retention_days() == 0 ? kDefaultSeenRetentionDays
                                                                                         : mine.seen_retention_days()),
                    .forget_seen = mine.forget_seen()};
  GH_ASSIGN_OR_RETURN(settings.pack_keys, ReadPackKeys(mine));
  GH_ASSIGN_OR_RETURN(settings.notice_issuers, ReadCertificates(mine.notice_issuer_files()));
  if (!mine.policy_file().empty()) {
    GH_ASSIGN_OR_RETURN(settings.policy, ReadPolicyFile(mine.policy_file()));
  }
  if (!mine.report_key_file().empty()) {
    GH_ASSIGN_OR_RETURN(settings.signer,
                        seal::TextSigner::Read(mine.report_certificate_file(), mine.report_key_file()));
  }
  return settings;
}

class DocumentModule final : public runtime::Module {
 public:
  DocumentModule(runtime::Platform& platform, Settings settings)
      : clock_(platform.clock()),
        conditions_(platform.conditions()),
        settings_(std::move(settings)),
        repository_(MakeTrustRepository({.database = platform.database(),
                                         .outbox = platform.outbox(),
                                         .clock = platform.clock(),
                                         .random = platform.random(),
                                         .wake_relay = [&platform] { platform.WakeRelay(); }})),
        snapshot_file_(MakeTrustSnapshotFile(platform.config().data_dir() + "/document")),
        trust_({.repository = *repository_,
                .clock = platform.clock(),
                .random = platform.random(),
                .snapshot_file = snapshot_file_.get(),
                .pack_keys = settings_.pack_keys}),
        challenge_repository_(MakeChallengeRepository(platform.database())),
        challenges_({.repository = *challenge_repository_, .clock = platform.clock(), .random = platform.random()}),
        seen_(MakeSeenStore(
            {.database = platform.database(), .sealer = platform.sealer(), .retention = settings_.seen_retention})),
        notice_repository_(MakeNoticeRepository(platform.database())),
        notices_({.repository = *notice_repository_,
                  .clock = platform.clock(),
                  .random = platform.random(),
                  .issuers = settings_.notice_issuers}),
        notice_counts_(*notice_repository_),
        requests_(MakeRequestRepository(platform.database())),
        once_{*requests_, platform.sealer(), platform.clock()},
        service_(MakeDocumentService({.host = platform.host(),
                                      .trust = trust_,
                                      .clock = platform.clock(),
                                      .challenges = challenges_,
                                      .policy = settings_.policy,
                                      .notices = notices_,
                                      .notice_counts = notice_counts_,
                                      .seen = settings_.forget_seen ? nullptr : seen_.get(),
                                      .signer = settings_.signer.get()})),
        seal_service_(MakeSealService(platform.host(), trust_, platform.clock())),
        admin_service_(MakeTrustAdminService(platform.host(), trust_, once_)),
        notice_service_(MakeNoticeService(platform.host(), notices_, platform.clock())),
        notice_admin_service_(MakeNoticeAdminService(platform.host(), notices_, notice_counts_, once_)),
        refresher_(kRefreshInterval, kRefreshTimeout, [this] { Refresh(); }),
        rememberer_(kRememberInterval, kRememberTimeout, [this] { Remember(); }) {}

  absl::Status Load() {
    GH_RETURN_IF_ERROR(trust_.Refresh());
    GH_RETURN_IF_ERROR(notices_.Refresh());
    TellWhatIsHeld();  // before the first call is answered by it
    return absl::OkStatus();
  }

  std::vector<grpc::Service*> services() override {
    return {service_.get(), seal_service_.get(), admin_service_.get(), notice_service_.get(),
            notice_admin_service_.get()};
  }

  absl::Status Start() override {
    refresher_.Start();
    rememberer_.Start();
    return absl::OkStatus();
  }

  void Stop() override {
    refresher_.Stop();
    rememberer_.Stop();
    const base::WorkTimeScope scope(base::WorkTime::In(kRememberTimeout));
    Remember();
  }

 private:
  void Refresh() {
    // A store that cannot be read leaves what is held as it is for kMaxUnasked; from then on it clears no document.
    Tell("document.trust.refresh", trust_.Refresh());
    Tell("document.notices.refresh", notices_.Refresh());
    TellWhatIsHeld();
  }

  void TellWhatIsHeld() {
    Tell("document.trust.history", trust_.history_status());
    Tell("document.trust.snapshot", trust_.file_status());
    Tell("document.notices.damage", notices_.damage());
  }

  // What goes wrong for longer than a call is heard by this name.
  void Tell(std::string_view condition, const absl::Status& status) {
    if (status.ok()) return conditions_.Clear(condition);
    conditions_.Raise(condition, observe::Severity::kDegraded, std::string(status.message()));
  }

  void Remember() {
    absl::Status seen = seen_->Flush(clock_.Now());
    seen.Update(seen_->Prune(clock_.Now()));
    Tell("document.seen", seen);
    Tell("document.notices.counts", notice_counts_.Flush());
    if (clock_.Now() < next_request_prune_) return;
    next_request_prune_ = clock_.Now() + absl::Minutes(1);
    Tell("document.requests", requests_->Prune(clock_.Now() - kRequestRetention));
  }

  base::Clock& clock_;
  observe::Conditions& conditions_;
  const Settings settings_;
  std::unique_ptr<TrustRepository> repository_;
  std::unique_ptr<TrustSnapshotFile> snapshot_file_;
  Trust trust_;
  std::unique_ptr<ChallengeRepository> challenge_repository_;
  Challenges challenges_;
  std::unique_ptr<SeenStore> seen_;
  std::unique_ptr<NoticeRepository> notice_repository_;
  Notices notices_;
  NoticeCounts notice_counts_;
  std::unique_ptr<RequestRepository> requests_;
  const OnceDeps once_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> seal_service_;
  std::unique_ptr<grpc::Service> admin_service_;
  std::unique_ptr<grpc::Service> notice_service_;
  std::unique_ptr<grpc::Service> notice_admin_service_;
  absl::Time next_request_prune_ = absl::InfinitePast();  // of the rememberer's thread
  base::Periodic refresher_;
  base::Periodic rememberer_;
};

absl::StatusOr<std::unique_ptr<runtime::Module>> MakeModule(runtime::Platform& platform) {
  GH_ASSIGN_OR_RETURN(Settings settings, ReadSettings(platform.config().document()));
  auto module = std::make_unique<DocumentModule>(platform, std::move(settings));
  GH_RETURN_IF_ERROR(module->Load());
  return module;
}

absl::Status CheckSettings(const gatehouse::runtime::v1::Config& config) {
  return ReadSettings(config.document()).status();
}

}  // namespace

const runtime::ModuleEntry kModule = {
    .name = "document", .migrations = Migrations(), .make = MakeModule, .check = CheckSettings};

}  // namespace gatehouse::document
