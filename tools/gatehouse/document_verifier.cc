#include "tools/gatehouse/document_verifier.h"

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/time/time.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/local_trust.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

absl::StatusOr<Verifier> LocalVerifier(Context& context, const VerifierOptions& options, absl::Time check_time) {
  std::vector<std::string> paths = options.trust;
  paths.insert(paths.end(), options.crls.begin(), options.crls.end());
  GH_ASSIGN_OR_RETURN(LocalTrust given, ReadLocalTrust(context, paths));
  const auto trust = std::make_shared<const LocalTrust>(std::move(given));
  auto policy = std::make_shared<document::Policy>(document::BuiltInPolicy());
  if (!options.policy.empty()) {
    GH_ASSIGN_OR_RETURN(*policy, document::ReadPolicyFile(options.policy));
  }
  return [trust, policy, check_time](pb::VerifyRequest request) -> absl::StatusOr<pb::VerifyResponse> {
    if (request.signed_format() != pb::REPORT_FORMAT_UNSPECIFIED) {
      return absl::InvalidArgumentError("only a server signs reports");
    }
    GH_ASSIGN_OR_RETURN(const document::Presented presented, document::FromProto(request.document()));
    pb::VerifyResponse response;
    document::ToProto(
        document::Verify(
            presented,
            {.trust = *trust->store, .policy = *policy, .check_time = check_time, .deviations = &trust->deviations}),
        check_time, response.mutable_report());
    return response;
  };
}

}  // namespace

absl::StatusOr<Verifier> MakeVerifier(Context& context, const VerifierOptions& options) {
  GH_ASSIGN_OR_RETURN(const absl::Time check_time, ParseCheckTime(options.at));
  if (options.local) return LocalVerifier(context, options, check_time);
  if (!options.trust.empty() || !options.crls.empty() || !options.policy.empty()) {
    return absl::InvalidArgumentError("--trust, --crl and --policy go with --local; a server uses its own");
  }
  GH_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Dial(context));
  const std::shared_ptr<pb::DocumentService::Stub> stub = pb::DocumentService::NewStub(channel);
  const bool fixed_time = !options.at.empty();
  return [&context, stub, check_time, fixed_time](pb::VerifyRequest request) -> absl::StatusOr<pb::VerifyResponse> {
    if (fixed_time) request.mutable_check_time()->set_seconds(absl::ToUnixSeconds(check_time));
    pb::VerifyResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->Verify(call.get(), request, &response);
    if (!status.ok()) return CallStatus(context, status);
    return response;
  };
}

}  // namespace gatehouse::cli
