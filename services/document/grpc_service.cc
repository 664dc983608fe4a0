#include "services/document/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"
#include "services/document/convert.h"
#include "services/document/document.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"

namespace gatehouse::document {
namespace {

constexpr size_t kMaxVerifyBytes = 8 * 1024 * 1024;
constexpr size_t kMaxImportBytes = 60 * 1024 * 1024;
constexpr int kMaxPageSize = 1000;

constexpr rpc::Method kVerify{
    .name = "/gatehouse.document.v1.DocumentService/Verify", .personal = true, .max_request_bytes = kMaxVerifyBytes};
constexpr rpc::Method kParseMrz{.name = "/gatehouse.document.v1.DocumentService/ParseMrz", .personal = true};
// Audited like a call about a person: an anchor decides about everybody who comes after.
constexpr rpc::Method kImportTrust{.name = "/gatehouse.document.v1.TrustAdminService/ImportTrust",
                                   .personal = true,
                                   .purpose = "trust_administration",
                                   .max_request_bytes = kMaxImportBytes,
                                   .default_timeout = absl::Seconds(120)};
constexpr rpc::Method kListTrust{.name = "/gatehouse.document.v1.TrustAdminService/ListTrust",
                                 .purpose = "trust_administration"};

class DocumentService final : public v1::DocumentService::CallbackService {
 public:
  DocumentService(rpc::Host& host, const Trust& trust, base::Clock& clock)
      : host_(host), trust_(trust), clock_(clock) {}

  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const v1::VerifyRequest* request,
                                   v1::VerifyResponse* response) override {
    return rpc::Handle(host_, context, kVerify, *request, [this, request, response](rpc::Call&) -> absl::Status {
      GH_ASSIGN_OR_RETURN(const Presented presented, FromProto(request->document()));
      absl::Time check_time = clock_.Now();
      if (request->has_check_time()) {
        GH_ASSIGN_OR_RETURN(check_time, rpc::ReadTime(request->check_time(), "check_time"));
      }
      const TrustSnapshot trust = trust_.snapshot();
      v1::DocumentReport* report = response->mutable_report();
      ToProto(document::Verify(presented, {.trust = *trust.store, .policy = BuiltInPolicy(), .check_time = check_time}),
              check_time, report);
      if (trust.newest_import != absl::InfinitePast()) {
        *report->mutable_trust_time() = rpc::WriteTime(trust.newest_import);
      }
      if (request->omit_face()) report->clear_face();
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ParseMrz(grpc::CallbackServerContext* context, const v1::ParseMrzRequest* request,
                                     v1::ParseMrzResponse* response) override {
    return rpc::Handle(host_, context, kParseMrz, *request, [this, request, response](rpc::Call&) -> absl::Status {
      if (request->mrz().size() > kMaxMrzBytes) {
        return rpc::InvalidField("mrz", absl::StrCat("longer than ", kMaxMrzBytes, " bytes"));
      }
      ToProto(mrz::Parse(request->mrz()), clock_.Now(), response->mutable_mrz());
      return absl::OkStatus();
    });
  }

 private:
  rpc::Host& host_;
  const Trust& trust_;
  base::Clock& clock_;
};

class TrustAdminService final : public v1::TrustAdminService::CallbackService {
 public:
  TrustAdminService(rpc::Host& host, Trust& trust) : host_(host), trust_(trust) {}

  grpc::ServerUnaryReactor* ImportTrust(grpc::CallbackServerContext* context, const v1::ImportTrustRequest* request,
                                        v1::ImportTrustResponse* response) override {
    return rpc::Handle(host_, context, kImportTrust, *request,
                       [this, request, response](rpc::Call& call) -> absl::Status {
                         std::vector<Trust::NamedContent> files;
                         for (const v1::TrustFile& file : request->files())
                           files.push_back({file.name(), file.content()});
                         GH_ASSIGN_OR_RETURN(const std::vector<TrustImportResult> results,
                                             trust_.Import(files, call.principal().identity));
                         for (const TrustImportResult& result : results) ToProto(result, response->add_results());
                         response->set_trust_version(trust_.snapshot().store->version());
                         return absl::OkStatus();
                       });
  }

  grpc::ServerUnaryReactor* ListTrust(grpc::CallbackServerContext* context, const v1::ListTrustRequest* request,
                                      v1::ListTrustResponse* response) override {
    return rpc::Handle(host_, context, kListTrust, *request, [this, request, response](rpc::Call&) -> absl::Status {
      uint64_t first = 0;
      if (!request->page_token().empty() && !absl::SimpleAtoi(request->page_token(), &first)) {
        return rpc::InvalidField("page_token", "not one that this service gave");
      }
      if (request->page_size() < 0 || request->page_size() > kMaxPageSize) {
        return rpc::InvalidField("page_size", absl::StrCat("0 to ", kMaxPageSize));
      }
      const std::vector<TrustEntry> entries = trust_.List();
      const size_t page_size = request->page_size() == 0 ? kMaxPageSize : request->page_size();
      first = std::min<uint64_t>(first, entries.size());
      const size_t end = std::min<size_t>(first + page_size, entries.size());
      for (size_t i = first; i < end; ++i) ToProto(entries[i], response->add_entries());
      if (end < entries.size()) response->set_next_page_token(absl::StrCat(end));
      response->set_trust_version(trust_.snapshot().store->version());
      return absl::OkStatus();
    });
  }

 private:
  rpc::Host& host_;
  Trust& trust_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDocumentService(rpc::Host& host, const Trust& trust, base::Clock& clock) {
  return std::make_unique<DocumentService>(host, trust, clock);
}

std::unique_ptr<grpc::Service> MakeTrustAdminService(rpc::Host& host, Trust& trust) {
  return std::make_unique<TrustAdminService>(host, trust);
}

}  // namespace gatehouse::document
