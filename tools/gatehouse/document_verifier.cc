#include "tools/gatehouse/document_verifier.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <mutex>
#include <optional>

#include "absl/time/time.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "services/document/challenges.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/local_notices.h"
#include "tools/gatehouse/local_trust.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

// Those of this process, which end with it.
class OwnChallenges final : public document::ChallengeRepository {
 public:
  absl::Status Save(const document::Challenge& challenge, absl::Time) override {
    const std::lock_guard lock(mutex_);
    issued_[challenge.id] = challenge;
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<std::string>> Take(const std::string& id, absl::Time now) override {
    const std::lock_guard lock(mutex_);
    const auto taken = issued_.extract(id);
    if (taken.empty() || taken.mapped().expiry <= now) return std::nullopt;
    return taken.mapped().bytes;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, document::Challenge> issued_;
};

class LocalVerifier final : public DocumentVerifier {
 public:
  LocalVerifier(LocalTrust trust, document::Policy policy, std::unique_ptr<const LocalNotices> notices,
                absl::Time check_time)
      : trust_(std::move(trust)), policy_(std::move(policy)), notices_(std::move(notices)), check_time_(check_time) {}

  absl::StatusOr<pb::IssueChallengeResponse> IssueChallenge() override {
    GH_ASSIGN_OR_RETURN(const document::Challenge challenge, challenges_.Issue());
    pb::IssueChallengeResponse response;
    response.set_challenge_id(challenge.id);
    response.set_challenge(challenge.bytes);
    return response;
  }

  absl::StatusOr<pb::VerifyResponse> Verify(pb::VerifyRequest request) override {
    if (request.signed_format() != pb::REPORT_FORMAT_UNSPECIFIED) {
      return absl::InvalidArgumentError("only a server signs reports");
    }
    GH_ASSIGN_OR_RETURN(document::Presented presented, document::FromProto(request.document()));
    std::string challenge;
    document::FindChallenge(request, challenges_, presented, challenge);
    pb::VerifyResponse response;
    document::Standards standards{
        .trust = *trust_.store, .policy = policy_, .check_time = check_time_, .deviations = &trust_.deviations};
    if (notices_ != nullptr && !request.replay()) {
      standards.notices = &notices_->index;
      standards.notice_version = notices_->version;
    }
    document::ToProto(document::Verify(presented, standards), check_time_, response.mutable_report());
    return response;
  }

 private:
  const LocalTrust trust_;
  const document::Policy policy_;
  const std::unique_ptr<const LocalNotices> notices_;  // null: none are asked
  const absl::Time check_time_;
  OwnChallenges issued_;
  document::Challenges challenges_{
      {.repository = issued_, .clock = base::SystemClock(), .random = base::SystemRandom()}};
};

class ServiceVerifier final : public DocumentVerifier {
 public:
  ServiceVerifier(Context& context, std::shared_ptr<grpc::Channel> channel, std::optional<absl::Time> check_time)
      : context_(context), stub_(pb::DocumentService::NewStub(std::move(channel))), check_time_(check_time) {}

  absl::StatusOr<pb::IssueChallengeResponse> IssueChallenge() override {
    pb::IssueChallengeResponse response;
    const auto call = NewCall(context_);
    const grpc::Status status = stub_->IssueChallenge(call.get(), pb::IssueChallengeRequest(), &response);
    if (!status.ok()) return CallStatus(context_, status);
    return response;
  }

  absl::StatusOr<pb::VerifyResponse> Verify(pb::VerifyRequest request) override {
    if (check_time_) request.mutable_check_time()->set_seconds(absl::ToUnixSeconds(*check_time_));
    pb::VerifyResponse response;
    const auto call = NewCall(context_);
    const grpc::Status status = stub_->Verify(call.get(), request, &response);
    if (!status.ok()) return CallStatus(context_, status);
    return response;
  }

 private:
  Context& context_;
  const std::unique_ptr<pb::DocumentService::Stub> stub_;
  const std::optional<absl::Time> check_time_;
};

absl::StatusOr<std::unique_ptr<DocumentVerifier>> MakeLocal(Context& context, const VerifierOptions& options,
                                                            absl::Time check_time) {
  GH_ASSIGN_OR_RETURN(LocalTrust trust, ReadLocalTrust(context, options.trust, options.crls));
  document::Policy policy = document::BuiltInPolicy();
  if (!options.policy.empty()) {
    GH_ASSIGN_OR_RETURN(policy, document::ReadPolicyFile(options.policy));
  }
  std::unique_ptr<const LocalNotices> notices;
  if (!options.notices.empty()) {
    GH_ASSIGN_OR_RETURN(notices, ReadLocalNotices(context, options.notices, options.notice_issuers, check_time));
  }
  return std::make_unique<LocalVerifier>(std::move(trust), std::move(policy), std::move(notices), check_time);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentVerifier>> DocumentVerifier::Make(Context& context,
                                                                         const VerifierOptions& options) {
  GH_ASSIGN_OR_RETURN(const absl::Time check_time, ParseCheckTime(options.at));
  if (options.is_local()) return MakeLocal(context, options, check_time);
  if (!options.crls.empty() || !options.policy.empty() || !options.notices.empty() || !options.notice_issuers.empty()) {
    return absl::InvalidArgumentError(
        "--crl, --policy, --notices and --notice-issuer go with --trust or --local; a server uses its own");
  }
  GH_ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, Dial(context));
  return std::make_unique<ServiceVerifier>(context, std::move(channel),
                                           options.at.empty() ? std::nullopt : std::optional(check_time));
}

}  // namespace gatehouse::cli
