#include "services/document/seal_grpc_service.h"

#include <grpcpp/grpcpp.h>

#include "gatehouse/document/v1/seal_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/presented.h"
#include "libs/mrz/states.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"
#include "services/document/seal_convert.h"
#include "services/document/shown_documents.h"

namespace gatehouse::document {
namespace {

constexpr rpc::Method kVerifySeal{.name = "/gatehouse.document.v1.SealService/VerifySeal",
                                  .audit = rpc::Audited{},
                                  .max_request_bytes = emrtd::seals::kMaxPresentedBytes + 1024};

class SealService final : public v1::SealService::WithRawCallbackMethod_VerifySeal<v1::SealService::CallbackService> {
 public:
  SealService(rpc::Host& host, const Trust& trust, base::Clock& clock) : host_(host), trust_(trust), clock_(clock) {}

  grpc::ServerUnaryReactor* VerifySeal(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                       grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::VerifySealRequest, v1::VerifySealResponse>(
        host_, context, kVerifySeal, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::VerifySealRequest& request,
               v1::VerifySealResponse& response) -> absl::Status {
          absl::Time check_time = clock_.Now();
          if (request.has_check_time()) {
            GH_ASSIGN_OR_RETURN(check_time, rpc::ReadTime(request.check_time(), "check_time"));
          }
          const TrustSnapshot trust = trust_.snapshot();
          const auto verified = emrtd::seals::VerifyPresented(
              request.seal(),
              {.trust = trust.store.get(), .countries = mrz::CertificateCountries, .check_time = check_time});
          // The reason names a field of the seal and repeats none of its data.
          if (!verified.ok()) return rpc::InvalidField("seal", std::string(verified.status().message()));
          for (base::DocumentKey& shown : ShownDocuments(verified->seal)) call.AddDocument(std::move(shown));
          ToProto(*verified, check_time, response.mutable_report());
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  const Trust& trust_;
  base::Clock& clock_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSealService(rpc::Host& host, const Trust& trust, base::Clock& clock) {
  return std::make_unique<SealService>(host, trust, clock);
}

}  // namespace gatehouse::document
