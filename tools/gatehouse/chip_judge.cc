#include "tools/gatehouse/chip_judge.h"

#include <grpcpp/grpcpp.h>

#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/local_trust.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

constexpr size_t kChallengeBytes = 8;

class LocalJudge final : public ChipJudge {
 public:
  LocalJudge(LocalTrust trust, absl::Time check_time) : trust_(std::move(trust)), check_time_(check_time) {
    // Reader and judge are one here: nobody else could have made the challenge.
    policy_.trust_reader_challenges = true;
  }

  absl::StatusOr<Challenge> IssueChallenge() override {
    std::string octets(kChallengeBytes, '\0');
    base::SystemRandom().Fill(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
    return Challenge{.octets = std::move(octets)};
  }

  absl::StatusOr<pb::DocumentReport> Judge(const pb::DocumentInput& input) override {
    GH_ASSIGN_OR_RETURN(const document::Presented presented, document::FromProto(input));
    pb::DocumentReport report;
    document::ToProto(
        document::Verify(
            presented,
            {.trust = *trust_.store, .policy = policy_, .check_time = check_time_, .deviations = &trust_.deviations}),
        check_time_, &report);
    return report;
  }

 private:
  const LocalTrust trust_;
  const absl::Time check_time_;
  document::Policy policy_ = document::BuiltInPolicy();
};

class ServiceJudge final : public ChipJudge {
 public:
  ServiceJudge(Context& context, std::shared_ptr<grpc::Channel> channel, std::optional<absl::Time> check_time)
      : context_(context), stub_(pb::DocumentService::NewStub(std::move(channel))), check_time_(check_time) {}

  absl::StatusOr<Challenge> IssueChallenge() override {
    pb::IssueChallengeResponse response;
    const auto call = NewCall(context_);
    const grpc::Status status = stub_->IssueChallenge(call.get(), pb::IssueChallengeRequest(), &response);
    if (!status.ok()) return CallStatus(context_, status);
    return Challenge{.id = response.challenge_id(), .octets = response.challenge()};
  }

  absl::StatusOr<pb::DocumentReport> Judge(const pb::DocumentInput& input) override {
    pb::VerifyRequest request;
    *request.mutable_document() = input;
    if (check_time_) request.mutable_check_time()->set_seconds(absl::ToUnixSeconds(*check_time_));
    pb::VerifyResponse response;
    const auto call = NewCall(context_);
    const grpc::Status status = stub_->Verify(call.get(), request, &response);
    if (!status.ok()) return CallStatus(context_, status);
    return std::move(*response.mutable_report());
  }

 private:
  Context& context_;
  const std::unique_ptr<pb::DocumentService::Stub> stub_;
  const std::optional<absl::Time> check_time_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChipJudge>> ChipJudge::Make(Context& context, const ChipJudgeOptions& options) {
  GH_ASSIGN_OR_RETURN(const absl::Time check_time, ParseCheckTime(options.at));
  if (options.local) {
    GH_ASSIGN_OR_RETURN(LocalTrust trust, ReadLocalTrust(context, options.trust));
    return std::unique_ptr<ChipJudge>(new LocalJudge(std::move(trust), check_time));
  }
  GH_ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, Dial(context));
  return std::unique_ptr<ChipJudge>(
      new ServiceJudge(context, std::move(channel), options.at.empty() ? std::nullopt : std::optional(check_time)));
}

}  // namespace gatehouse::cli
