#include "services/inspection/document_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "gatehouse/inspection/v1/inspection.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/inspection/on_behalf_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::document::v1;

constexpr rpc::PeerMethod<pb::DocumentService, pb::VerifyRequest, pb::VerifyResponse> kVerify{
    "/gatehouse.document.v1.DocumentService/Verify", &pb::DocumentService::Stub::Verify};

ChipVerdict VerdictOf(pb::Overall overall) {
  switch (overall) {
    case pb::OVERALL_VALID:
      return ChipVerdict::kValid;
    case pb::OVERALL_VALID_WITH_DEFECT:
      return ChipVerdict::kValidWithDefect;
    case pb::OVERALL_VALID_WITH_WARNING:
      return ChipVerdict::kValidWithWarning;
    case pb::OVERALL_VALID_EXPIRED_CHAIN:
      return ChipVerdict::kValidExpiredChain;
    case pb::OVERALL_INVALID:
      return ChipVerdict::kInvalid;
    default:
      return ChipVerdict::kUndetermined;
  }
}

Revocation RevocationOf(const std::string& word) {
  if (word == "good") return Revocation::kGood;
  if (word == "revoked") return Revocation::kRevoked;
  if (word == "no_crl") return Revocation::kNoList;
  return Revocation::kUndetermined;
}

// Null: a service too old to make it.
const pb::Tr03135Check* FindCheck(const pb::DocumentReport& report, std::string_view id) {
  for (const pb::Tr03135Check& check : report.tr03135()) {
    if (check.id() == id) return &check;
  }
  return nullptr;
}

// What a check was not made for, or what it found.
struct Detail {
  bool done = true;
  std::string text;
};
Detail DetailOf(const pb::Tr03135Check& check) {
  constexpr std::string_view kNotDone = "NOT_DONE: ";
  if (check.detail().compare(0, kNotDone.size(), kNotDone) != 0) return {.text = check.detail()};
  return {.done = false, .text = check.detail().substr(kNotDone.size())};
}

ChipProof ProofOf(pb::CheckState judged) {
  switch (judged) {
    case pb::CHECK_STATE_SUCCESSFUL:
      return ChipProof::kProved;
    case pb::CHECK_STATE_FAILED:
      return ChipProof::kSuspectedCopy;
    case pb::CHECK_STATE_NOT_SUPPORTED:
      return ChipProof::kNotOwed;
    default:
      return ChipProof::kOpen;
  }
}

// By the check over all proofs, as the policy of the document service judges it.
void AddProof(const pb::DocumentReport& report, DocumentFindings& findings) {
  const pb::Tr03135Check* check = FindCheck(report, "chip_cloning");
  if (check == nullptr) return;
  findings.proof = ProofOf(check->judged());
  findings.proof_reason = DetailOf(*check).text;
}

CheckStatus StatusOf(pb::CheckState state) {
  switch (state) {
    case pb::CHECK_STATE_SUCCESSFUL:
      return CheckStatus::kSuccessful;
    case pb::CHECK_STATE_FAILED:
      return CheckStatus::kFailed;
    case pb::CHECK_STATE_NOT_SUPPORTED:
      return CheckStatus::kNotSupported;
    case pb::CHECK_STATE_ABORTED:
      return CheckStatus::kAborted;
    default:
      return CheckStatus::kUndetermined;
  }
}

// As the policy of the document service judges what fits. A service too old to ask its notices has not.
void AddNotices(const pb::DocumentReport& report, DocumentFindings& findings) {
  const pb::Tr03135Check* check = FindCheck(report, "fraud_notices");
  if (check == nullptr) {
    findings.notices_reason = "the document service asks no notices";
    return;
  }
  const Detail detail = DetailOf(*check);
  findings.notices_reason = detail.text;
  if (detail.done) findings.notices = StatusOf(check->judged());
}

void AddVerdict(const pb::DocumentReport& report, DocumentFindings& findings) {
  if (!report.has_verdict()) {
    findings.verdict_reason = "the document service gives no verdict";
    return;
  }
  findings.verdict = StatusOf(report.verdict().state());
  const auto& decided_by = report.verdict().decided_by();
  findings.verdict_reason = decided_by.empty()
                                ? report.verdict().text()
                                : absl::StrCat(report.verdict().text(), " (", absl::StrJoin(decided_by, ", "), ")");
}

// As it was found: a policy that finds a foreign visa tolerable has not said whom it was given to.
void AddVisa(const pb::DocumentReport& report, DocumentFindings& findings) {
  const pb::Tr03135Check* check = FindCheck(report, "visa_comparison");
  if (check == nullptr) {
    findings.visa_reason = "the document service compares no visa";
    return;
  }
  const Detail detail = DetailOf(*check);
  findings.visa_reason = detail.text;
  if (detail.done) findings.visa = StatusOf(check->state());
}

// Nothing when the fields are beyond what an identity may be: then the zone's own check says what is wrong with it.
std::optional<base::Redacted<base::Identity>> IdentityOf(const pb::MrzFields& fields) {
  gatehouse::type::v1::Identity identity;
  identity.mutable_name()->set_primary(fields.primary_identifier());
  identity.mutable_name()->set_secondary(fields.secondary_identifier());
  identity.mutable_name()->set_mrz_name(fields.name_raw());
  *identity.mutable_birth_date() = fields.birth_date();
  identity.set_sex(fields.sex());
  identity.set_nationality(fields.nationality());
  identity.mutable_document()->set_number(fields.document_number());
  identity.mutable_document()->set_issuer(fields.issuing_state());
  identity.mutable_document()->set_type(fields.document_code());
  *identity.mutable_expiry_date() = fields.expiry_date();
  absl::StatusOr<base::Identity> read = rpc::ReadIdentity(identity, "identity");
  if (!read.ok()) return std::nullopt;
  return base::Redacted(*std::move(read));
}

MrzReading ReadingOf(const pb::Mrz& mrz) {
  MrzReading reading{.valid = mrz.valid(), .defects = {mrz.reasons().begin(), mrz.reasons().end()}};
  if (mrz.format() == pb::MRZ_FORMAT_UNKNOWN || mrz.format() == pb::MRZ_FORMAT_UNSPECIFIED) return reading;
  const pb::MrzFields& fields = mrz.fields();
  const auto add = [&reading](const char* name, std::string value) {
    reading.fields.push_back({name, base::Redacted(std::move(value))});
  };
  add("format", pb::MrzFormat_Name(mrz.format()));
  add("document_code", fields.document_code());
  add("issuing_state", fields.issuing_state());
  add("document_number", fields.document_number());
  add("nationality", fields.nationality());
  add("birth_date", fields.birth_date_raw());
  add("sex", gatehouse::type::v1::Sex_Name(fields.sex()));
  add("expiry_date", fields.expiry_date_raw());
  add("name", fields.name_raw());
  add("optional_data_1", fields.optional_data_1());
  add("optional_data_2", fields.optional_data_2());
  reading.identity = IdentityOf(fields);
  return reading;
}

class DocumentClient : public DocumentVerifier {
 public:
  explicit DocumentClient(rpc::Peer& peer) : peer_(peer) {}

  absl::StatusOr<DocumentFindings> Verify(const DocumentInput& input, const OnBehalf& on_behalf) override {
    pb::VerifyRequest request;
    if (!request.mutable_document()->ParseFromString(input.further.Reveal())) {
      return absl::InternalError("what was presented does not read");
    }
    request.mutable_document()->set_mrz(input.mrz.Reveal());
    request.set_post(input.post);
    for (const DocumentInput::ChipFile& file : input.chip_files.Reveal()) {
      pb::ChipFile* added = request.mutable_document()->add_chip_files();
      added->set_name(file.name);
      added->set_content(file.content);
    }
    // A face beside the identity would put biometrics into this store; who needs it asks the document service.
    request.set_omit_face(true);
    GH_ASSIGN_OR_RETURN(const pb::VerifyResponse response, AskPeer(peer_, kVerify, request, on_behalf));
    if (!response.has_report()) return absl::InternalError("an answer without a report");
    return FindingsOf(response.report(), request.document().chip_files_size() > 0, !request.document().mrz().empty());
  }

 private:
  rpc::Peer& peer_;
};

}  // namespace

DocumentFindings FindingsOf(const pb::DocumentReport& report, bool chip_given, bool mrz_given) {
  DocumentFindings findings{.chip_read = chip_given,
                            .chip = VerdictOf(report.overall()),
                            .chip_summary = report.summary(),
                            .revocation = RevocationOf(report.checks().revocation()),
                            .trust_version = report.trust_version()};
  if (report.has_trust_time()) {
    const absl::StatusOr<absl::Time> time = rpc::ReadTime(report.trust_time(), "trust_time");
    if (time.ok()) findings.trust_time = *time;
  }
  AddProof(report, findings);
  AddNotices(report, findings);
  AddVerdict(report, findings);
  AddVisa(report, findings);
  if (mrz_given && report.has_mrz()) findings.printed = ReadingOf(report.mrz());
  if (chip_given && report.has_chip_mrz()) findings.chip_mrz = ReadingOf(report.chip_mrz());
  if (report.has_identity()) {
    // An identity that cannot be is none; what is wrong with it, the zone's own check says.
    absl::StatusOr<base::Identity> identity = rpc::ReadIdentity(report.identity(), "identity");
    if (identity.ok()) findings.identity = base::Redacted(*std::move(identity));
    findings.identity_from_chip = report.identity_from_chip();
  }
  gatehouse::inspection::v1::Inspection evidence;
  *evidence.mutable_document_report() = report;
  evidence.mutable_document_report()->clear_face();
  findings.evidence = base::Redacted(evidence.SerializeAsString());
  return findings;
}

std::unique_ptr<DocumentVerifier> MakeDocumentClient(rpc::Peer& peer) { return std::make_unique<DocumentClient>(peer); }

}  // namespace gatehouse::inspection
