#include "services/document/trust_grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "gatehouse/document/v1/trust_service.grpc.pb.h"
#include "libs/base/freed_memory.h"
#include "libs/base/status_macros.h"
#include "services/document/page_convert.h"
#include "services/document/trust_convert.h"

namespace gatehouse::document {
namespace {

constexpr size_t kMaxImportBytes = 60 * 1024 * 1024;

// Around a call that goes through a whole directory: what the network received before, and what was needed after.
class FreedMemoryReturned {
 public:
  explicit FreedMemoryReturned(size_t bytes) : is_large_(bytes > 4 * 1024 * 1024) { Return(); }
  ~FreedMemoryReturned() { Return(); }
  FreedMemoryReturned(const FreedMemoryReturned&) = delete;
  FreedMemoryReturned& operator=(const FreedMemoryReturned&) = delete;

 private:
  void Return() const {
    if (is_large_) base::ReturnFreedMemory();
  }
  const bool is_large_;
};

// Audited like calls about a person: an anchor decides about everybody who comes after.
constexpr rpc::Method Change(std::string_view name, size_t max_request_bytes = 1024 * 1024) {
  return {.name = name,
          .audit = rpc::Audited{},
          .purpose = "trust_administration",
          .max_request_bytes = max_request_bytes,
          .default_timeout = absl::Seconds(120),
          .lane = rpc::Lane::kBulk};
}
constexpr rpc::Method Look(std::string_view name, rpc::Lane lane = rpc::Lane::kAdmin) {
  return {.name = name,
          .audit = rpc::NotAudited{"shows certificates and lists of States, no person"},
          .purpose = "trust_administration",
          .default_timeout = absl::Seconds(60),
          .lane = lane};
}

constexpr rpc::Method kImportTrust = Change("/gatehouse.document.v1.TrustAdminService/ImportTrust", kMaxImportBytes);
constexpr rpc::Method kAcceptTrust = Change("/gatehouse.document.v1.TrustAdminService/AcceptTrust");
constexpr rpc::Method kRejectTrust = Change("/gatehouse.document.v1.TrustAdminService/RejectTrust");
constexpr rpc::Method kRemoveTrust = Change("/gatehouse.document.v1.TrustAdminService/RemoveTrust");
constexpr rpc::Method kListTrust = Look("/gatehouse.document.v1.TrustAdminService/ListTrust");
constexpr rpc::Method kDiffTrust = Look("/gatehouse.document.v1.TrustAdminService/DiffTrust");
constexpr rpc::Method kListTrustImports = Look("/gatehouse.document.v1.TrustAdminService/ListTrustImports");
constexpr rpc::Method kGetTrustElement = Look("/gatehouse.document.v1.TrustAdminService/GetTrustElement");
constexpr rpc::Method kGetTrustProgress = Look("/gatehouse.document.v1.TrustAdminService/GetTrustProgress");
constexpr rpc::Method kListTrustVersions = Look("/gatehouse.document.v1.TrustAdminService/ListTrustVersions");

constexpr rpc::Method kImportTrustPack =
    Change("/gatehouse.document.v1.TrustAdminService/ImportTrustPack", kMaxImportBytes);
constexpr rpc::Method kExportTrustPack =
    Look("/gatehouse.document.v1.TrustAdminService/ExportTrustPack", rpc::Lane::kBulk);

TrustActor ActorOf(const rpc::Call& call) {
  return {.identity = call.principal().identity, .person = call.principal().person};
}

class TrustAdminService final
    : public v1::TrustAdminService::WithRawCallbackMethod_ExportTrustPack<
          v1::TrustAdminService::WithRawCallbackMethod_ListTrustVersions<
              v1::TrustAdminService::WithRawCallbackMethod_GetTrustProgress<
                  v1::TrustAdminService::WithRawCallbackMethod_GetTrustElement<
                      v1::TrustAdminService::WithRawCallbackMethod_ListTrustImports<
                          v1::TrustAdminService::WithRawCallbackMethod_ListTrust<
                              v1::TrustAdminService::WithRawCallbackMethod_DiffTrust<
                                  v1::TrustAdminService::WithRawCallbackMethod_ImportTrust<
                                      v1::TrustAdminService::WithRawCallbackMethod_AcceptTrust<
                                          v1::TrustAdminService::WithRawCallbackMethod_RejectTrust<
                                              v1::TrustAdminService::WithRawCallbackMethod_RemoveTrust<
                                                  v1::TrustAdminService::WithRawCallbackMethod_ImportTrustPack<
                                                      v1::TrustAdminService::CallbackService>>>>>>>>>>>> {
 public:
  TrustAdminService(rpc::Host& host, Trust& trust, const OnceDeps& once) : host_(host), trust_(trust), once_(once) {}

  grpc::ServerUnaryReactor* ImportTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ImportTrustRequest, v1::ImportTrustResponse>(
        host_, context, kImportTrust, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ImportTrustRequest& request,
               v1::ImportTrustResponse& response) -> absl::Status {
          const FreedMemoryReturned memory(request.ByteSizeLong());
          std::vector<NamedContent> files;
          for (const v1::TrustFile& file : request.files()) files.push_back({file.name(), file.content()});
          GH_RETURN_IF_ERROR((Once<Trust::ImportOutcome, v1::ImportTrustResponse>(
              once_, call, kImportTrust.name, request.request_id(), response,
              [](const Trust::ImportOutcome& outcome, v1::ImportTrustResponse& out) {
                for (const auto& result : outcome.results) ToProto(result, out.add_results());
                out.set_import_id(outcome.import_id);
                out.set_pending(outcome.pending);
                out.set_trust_version(outcome.trust_version);
              },
              [&](const auto& asked) { return trust_.Import(files, request.note(), ActorOf(call), asked); })));
          if (!response.import_id().empty()) call.AddSubject(response.import_id());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* AcceptTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::AcceptTrustRequest, v1::AcceptTrustResponse>(
        host_, context, kAcceptTrust, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::AcceptTrustRequest& request,
               v1::AcceptTrustResponse& response) -> absl::Status {
          call.AddSubject(request.import_id());
          return Once<Trust::Decided, v1::AcceptTrustResponse>(
              once_, call, kAcceptTrust.name, request.request_id(), response,
              [](const Trust::Decided& decided, v1::AcceptTrustResponse& out) {
                ToProto(decided.import, out.mutable_import());
                out.set_trust_version(decided.trust_version);
              },
              [&](const auto& asked) { return trust_.Accept(request.import_id(), ActorOf(call), asked); });
        });
  }

  grpc::ServerUnaryReactor* RejectTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::RejectTrustRequest, v1::RejectTrustResponse>(
        host_, context, kRejectTrust, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::RejectTrustRequest& request,
               v1::RejectTrustResponse& response) -> absl::Status {
          call.AddSubject(request.import_id());
          return Once<Trust::Decided, v1::RejectTrustResponse>(
              once_, call, kRejectTrust.name, request.request_id(), response,
              [](const Trust::Decided& decided, v1::RejectTrustResponse& out) {
                ToProto(decided.import, out.mutable_import());
              },
              [&](const auto& asked) {
                return trust_.Reject(request.import_id(), request.reason(), ActorOf(call), asked);
              });
        });
  }

  grpc::ServerUnaryReactor* RemoveTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::RemoveTrustRequest, v1::RemoveTrustResponse>(
        host_, context, kRemoveTrust, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::RemoveTrustRequest& request,
               v1::RemoveTrustResponse& response) -> absl::Status {
          const std::vector<std::string> sha256(request.sha256().begin(), request.sha256().end());
          GH_RETURN_IF_ERROR((Once<Trust::Decided, v1::RemoveTrustResponse>(
              once_, call, kRemoveTrust.name, request.request_id(), response,
              [](const Trust::Decided& decided, v1::RemoveTrustResponse& out) {
                ToProto(decided.import, out.mutable_import());
                out.set_trust_version(decided.trust_version);
              },
              [&](const auto& asked) { return trust_.Remove(sha256, request.reason(), ActorOf(call), asked); })));
          call.AddSubject(response.import().import_id());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* DiffTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                      grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::DiffTrustRequest, v1::DiffTrustResponse>(
        host_, context, kDiffTrust, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::DiffTrustRequest& request, v1::DiffTrustResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const std::vector<TrustDifference> differences, trust_.Diff(request.import_id()));
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), differences.size()));
          for (size_t i = page.first; i < page.end; ++i) ToProto(differences[i], response.add_differences());
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListTrust(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                      grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListTrustRequest, v1::ListTrustResponse>(
        host_, context, kListTrust, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListTrustRequest& request, v1::ListTrustResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const auto store, trust_.AtVersion(request.version()));
          const pki::TrustSnapshot& content = store->content();
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), content.size()));
          for (size_t i = page.first; i < page.end; ++i) {
            ToProto(EntryOf(content, static_cast<uint32_t>(i)), response.add_entries());
          }
          response.set_next_page_token(page.next);
          response.set_trust_version(store->version());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListTrustImports(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request_bytes,
                                             grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListTrustImportsRequest, v1::ListTrustImportsResponse>(
        host_, context, kListTrustImports, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListTrustImportsRequest& request,
               v1::ListTrustImportsResponse& response) -> absl::Status {
          std::vector<TrustImport> imports = trust_.Imports();
          if (request.pending_only()) {
            std::erase_if(imports, [](const TrustImport& one) { return one.state != TrustImportState::kPending; });
          }
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), imports.size()));
          for (size_t i = page.first; i < page.end; ++i) ToProto(imports[i], response.add_imports());
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetTrustElement(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::GetTrustElementRequest, v1::GetTrustElementResponse>(
        host_, context, kGetTrustElement, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::GetTrustElementRequest& request,
               v1::GetTrustElementResponse& response) -> absl::Status {
          const FreedMemoryReturned memory(trust_.snapshot().store->content().bytes().size());
          GH_ASSIGN_OR_RETURN(const TrustElementRecord record, trust_.Element(request.sha256()));
          ToProto(record, response.mutable_element());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetTrustProgress(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request_bytes,
                                             grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::GetTrustProgressRequest, v1::GetTrustProgressResponse>(
        host_, context, kGetTrustProgress, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::GetTrustProgressRequest&, v1::GetTrustProgressResponse& response) -> absl::Status {
          const TrustProgress progress = trust_.Progress().value_or(TrustProgress());
          response.set_step(progress.step);
          response.set_done(static_cast<int64_t>(progress.done));
          response.set_total(static_cast<int64_t>(progress.total));
          response.set_by(progress.by);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListTrustVersions(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request_bytes,
                                              grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListTrustVersionsRequest, v1::ListTrustVersionsResponse>(
        host_, context, kListTrustVersions, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListTrustVersionsRequest& request,
               v1::ListTrustVersionsResponse& response) -> absl::Status {
          std::vector<TrustVersion> versions = trust_.Versions();
          std::reverse(versions.begin(), versions.end());
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), versions.size()));
          for (size_t i = page.first; i < page.end; ++i) ToProto(versions[i], response.add_versions());
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ExportTrustPack(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ExportTrustPackRequest, v1::ExportTrustPackResponse>(
        host_, context, kExportTrustPack, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ExportTrustPackRequest& request,
               v1::ExportTrustPackResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(Trust::ExportedPack pack, trust_.ExportPack(request.omit_signers()));
          response.set_pack(std::move(pack.bytes));
          response.set_version_number(pack.version_number);
          response.set_trust_version(pack.trust_version);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ImportTrustPack(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ImportTrustPackRequest, v1::ImportTrustPackResponse>(
        host_, context, kImportTrustPack, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ImportTrustPackRequest& request,
               v1::ImportTrustPackResponse& response) -> absl::Status {
          std::string import_id;
          GH_RETURN_IF_ERROR((Once<Trust::ImportedPack, v1::ImportTrustPackResponse>(
              once_, call, kImportTrustPack.name, request.request_id(), response,
              [&](const Trust::ImportedPack& imported, v1::ImportTrustPackResponse& out) {
                import_id = imported.change.import_id;
                out.set_version_number(imported.change.pack_version);
                out.set_added(imported.change.added);
                out.set_removed(imported.change.removed);
                out.set_trust_version(imported.change.trust_version);
                out.set_signer_certificate(imported.signer);
              },
              [&](const auto& asked) { return trust_.ImportPack(request.pack(), ActorOf(call), asked); })));
          if (!import_id.empty()) call.AddSubject(import_id);
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  Trust& trust_;
  const OnceDeps once_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTrustAdminService(rpc::Host& host, Trust& trust, const OnceDeps& once) {
  return std::make_unique<TrustAdminService>(host, trust, once);
}

}  // namespace gatehouse::document
