#include "services/document/grpc_service.h"

#include <grpcpp/grpcpp.h>

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

constexpr rpc::Method kVerify{
    .name = "/gatehouse.document.v1.DocumentService/Verify", .personal = true, .max_request_bytes = kMaxVerifyBytes};
constexpr rpc::Method kParseMrz{.name = "/gatehouse.document.v1.DocumentService/ParseMrz", .personal = true};

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
      TrustSnapshot trust = trust_.snapshot();
      GH_ASSIGN_OR_RETURN(trust.store, trust_.AtVersion(request->trust_version()));
      const auto deviations = trust_.DeviationsOf(trust.store);
      v1::DocumentReport* report = response->mutable_report();
      ToProto(document::Verify(presented, {.trust = *trust.store,
                                           .policy = BuiltInPolicy(),
                                           .check_time = check_time,
                                           .deviations = deviations.get()}),
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

}  // namespace

std::unique_ptr<grpc::Service> MakeDocumentService(rpc::Host& host, const Trust& trust, base::Clock& clock) {
  return std::make_unique<DocumentService>(host, trust, clock);
}

}  // namespace gatehouse::document
