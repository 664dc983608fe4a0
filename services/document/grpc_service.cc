#include "services/document/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/local_methods.h"
#include "libs/rpc/values.h"
#include "services/document/convert.h"
#include "services/document/document.h"
#include "services/document/presented_convert.h"
#include "services/document/report_convert.h"
#include "services/document/shown_documents.h"

namespace gatehouse::document {
namespace {

constexpr size_t kMaxVerifyBytes = 8 * 1024 * 1024;

constexpr rpc::Method kVerify{.name = "/gatehouse.document.v1.DocumentService/Verify",
                              .audit = rpc::Audited{},
                              .max_request_bytes = kMaxVerifyBytes};
constexpr rpc::Method kParseMrz{.name = "/gatehouse.document.v1.DocumentService/ParseMrz", .audit = rpc::Audited{}};
constexpr rpc::Method kIssueChallenge{.name = "/gatehouse.document.v1.DocumentService/IssueChallenge",
                                      .audit = rpc::NotAudited{"random bytes, asked for before a document is known"}};

class DocumentService final
    : public v1::DocumentService::WithRawCallbackMethod_IssueChallenge<
          v1::DocumentService::WithRawCallbackMethod_ParseMrz<
              v1::DocumentService::WithRawCallbackMethod_Verify<v1::DocumentService::CallbackService>>> {
 public:
  explicit DocumentService(const DocumentServiceDeps& deps) : deps_(deps) {
    rpc::Offer(deps.host, kVerify.name, this, &DocumentService::Verify);
  }

  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                   grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::VerifyRequest, v1::VerifyResponse>(
        deps_.host, context, kVerify, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::VerifyRequest& request, v1::VerifyResponse& response) {
          return Verify(call, request, response);
        });
  }

  grpc::ServerUnaryReactor* ParseMrz(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                     grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ParseMrzRequest, v1::ParseMrzResponse>(
        deps_.host, context, kParseMrz, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ParseMrzRequest& request, v1::ParseMrzResponse& response) -> absl::Status {
          if (request.mrz().size() > kMaxMrzBytes) {
            return rpc::InvalidField("mrz", absl::StrCat("longer than ", kMaxMrzBytes, " bytes"));
          }
          const mrz::ParsedMrz zone = mrz::Parse(request.mrz());
          for (base::DocumentKey& shown : ShownDocuments(zone)) call.AddDocument(std::move(shown));
          ToProto(zone, deps_.clock.Now(), response.mutable_mrz());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* IssueChallenge(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                           grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::IssueChallengeRequest, v1::IssueChallengeResponse>(
        deps_.host, context, kIssueChallenge, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::IssueChallengeRequest&, v1::IssueChallengeResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const Challenge challenge, deps_.challenges.Issue());
          response.set_challenge_id(challenge.id);
          response.set_challenge(challenge.bytes);
          *response.mutable_expiry_time() = rpc::WriteTime(challenge.expiry);
          return absl::OkStatus();
        });
  }

 private:
  absl::Status Verify(rpc::Call& call, const v1::VerifyRequest& request, v1::VerifyResponse& response) {
    GH_ASSIGN_OR_RETURN(Presented presented, FromProto(request.document()));
    const absl::Time now = deps_.clock.Now();
    absl::Time check_time = now;
    if (request.has_check_time()) {
      GH_ASSIGN_OR_RETURN(check_time, rpc::ReadTime(request.check_time(), "check_time"));
    }
    if (!IsPostCode(request.post())) return rpc::InvalidField("post", "1 to 16 characters A-Z 0-9 -, or none");
    const bool sign = request.signed_format() != v1::REPORT_FORMAT_UNSPECIFIED;
    // It believes what it is told of a challenge, and so proves nothing to anybody else.
    if (sign && request.replay()) return rpc::InvalidField("signed_format", "a replay is not signed");
    if (sign && deps_.signer == nullptr) {
      return absl::FailedPreconditionError("reports are not signed here: document.report_key_file names no key");
    }
    std::string challenge;
    FindChallenge(request, deps_.challenges, presented, challenge);
    TrustSnapshot trust = deps_.trust.snapshot();
    GH_ASSIGN_OR_RETURN(trust.store, deps_.trust.AtVersion(request.trust_version()));
    const auto deviations = deps_.trust.DeviationsOf(trust.store);
    // A replay judges the document as it was: what others have told of such documents since is not asked.
    const NoticesHeldPtr notices = deps_.notices.held();
    Report verified = document::Verify(presented, {.trust = *trust.store,
                                                   .policy = deps_.policy,
                                                   .check_time = check_time,
                                                   .deviations = deviations.get(),
                                                   .seen = request.replay() ? nullptr : deps_.seen,
                                                   .notices = request.replay() ? nullptr : notices->index.get(),
                                                   .notice_version = absl::StrCat(notices->import_number),
                                                   .notice_doubt = notices->may_lack(),
                                                   .post = request.post(),
                                                   .caller = call.principal().identity,
                                                   .now = now});
    for (base::DocumentKey& shown : ShownDocuments(presented, verified)) call.AddDocument(std::move(shown));
    deps_.notice_counts.Add(verified.notices, now);
    if (request.omit_face()) verified.face.reset();
    v1::DocumentReport* report = response.mutable_report();
    ToProto(std::move(verified), check_time, report);
    if (trust.newest_import != absl::InfinitePast()) {
      *report->mutable_trust_time() = rpc::WriteTime(trust.newest_import);
    }
    if (sign) Sign(request, presented, *report, response);
    return absl::OkStatus();
  }

  void Sign(const v1::VerifyRequest& request, const Presented& presented, v1::DocumentReport& report,
            v1::VerifyResponse& response) const {
    const auto& answer = presented.active_authentication;
    const bool is_known = answer && answer->origin != emrtd::ChallengeOrigin::kNotKnown;
    AddDigests(request.document(), is_known ? pki::AsText(answer->challenge) : "", &report);
    // The picture is in the files whose digests are signed.
    v1::DocumentReport signed_report = report;
    signed_report.clear_face();
    const bool xml = request.signed_format() == v1::REPORT_FORMAT_XML;
    response.set_signed_report(
        deps_.signer->Sign(xml ? "xml" : "json", xml ? RenderXml(signed_report) : RenderJson(signed_report)));
  }

  static bool IsPostCode(const std::string& text) {
    return text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
             return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
           });
  }

  const DocumentServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDocumentService(const DocumentServiceDeps& deps) {
  return std::make_unique<DocumentService>(deps);
}

}  // namespace gatehouse::document
