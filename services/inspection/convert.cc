#include "services/inspection/convert.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/errors.h"
#include "libs/seal/seal.h"

namespace gatehouse::inspection {
namespace {

namespace v1 = gatehouse::inspection::v1;
using gatehouse::watchlist::v1::BaseAnswer;

constexpr size_t kMaxRequestIdBytes = 64;
constexpr size_t kMaxMrzBytes = 512;
constexpr int kMaxChipFiles = 32;
constexpr size_t kMaxChipFileNameBytes = 32;
constexpr int kMaxPage = 1000;

// One table a closed set, read in both directions.
template <typename Domain, typename Wire>
struct Pair {
  Domain domain;
  Wire wire;
};

constexpr Pair<CheckStatus, v1::CheckStatus> kCheckStatuses[] = {
    {CheckStatus::kSuccessful, v1::CHECK_STATUS_SUCCESSFUL},
    {CheckStatus::kFailed, v1::CHECK_STATUS_FAILED},
    {CheckStatus::kUndetermined, v1::CHECK_STATUS_UNDETERMINED},
    {CheckStatus::kNotSupported, v1::CHECK_STATUS_NOT_SUPPORTED},
    {CheckStatus::kAborted, v1::CHECK_STATUS_ABORTED},
    {CheckStatus::kNotDone, v1::CHECK_STATUS_NOT_DONE},
};
constexpr Pair<Outcome, v1::Outcome> kOutcomes[] = {
    {Outcome::kAdmit, v1::OUTCOME_ADMIT},
    {Outcome::kRefer, v1::OUTCOME_REFER},
    {Outcome::kRefuse, v1::OUTCOME_REFUSE},
    {Outcome::kAbandon, v1::OUTCOME_ABANDON},
};
constexpr Pair<State, v1::InspectionState> kStates[] = {
    {State::kOpen, v1::INSPECTION_STATE_OPEN},           {State::kReferred, v1::INSPECTION_STATE_REFERRED},
    {State::kAdmitted, v1::INSPECTION_STATE_ADMITTED},   {State::kRefused, v1::INSPECTION_STATE_REFUSED},
    {State::kAbandoned, v1::INSPECTION_STATE_ABANDONED},
};
constexpr Pair<IdentitySource, v1::IdentitySource> kSources[] = {
    {IdentitySource::kNone, v1::IDENTITY_SOURCE_UNSPECIFIED},
    {IdentitySource::kChip, v1::IDENTITY_SOURCE_CHIP},
    {IdentitySource::kMrz, v1::IDENTITY_SOURCE_MRZ},
    {IdentitySource::kKeyed, v1::IDENTITY_SOURCE_KEYED},
};
constexpr Pair<Direction, gatehouse::traveller::v1::Direction> kDirections[] = {
    {Direction::kEntry, gatehouse::traveller::v1::DIRECTION_ENTRY},
    {Direction::kExit, gatehouse::traveller::v1::DIRECTION_EXIT},
};

template <typename Domain, typename Wire, size_t kSize>
constexpr Wire Write(const Pair<Domain, Wire> (&table)[kSize], Domain domain) {
  for (const auto& pair : table) {
    if (pair.domain == domain) return pair.wire;
  }
  return Wire(0);
}

template <typename Domain, typename Wire, size_t kSize>
constexpr std::optional<Domain> Read(const Pair<Domain, Wire> (&table)[kSize], Wire wire) {
  for (const auto& pair : table) {
    if (pair.wire == wire) return pair.domain;
  }
  return std::nullopt;
}

bool IsReasonCode(std::string_view code) {
  return code.size() <= 32 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

bool IsRequestId(std::string_view id) {
  return id.size() <= kMaxRequestIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool IsConveyance(std::string_view text) {
  return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

absl::StatusOr<DocumentInput> ReadDocument(const gatehouse::document::v1::DocumentInput& document) {
  if (document.mrz().size() > kMaxMrzBytes) return rpc::InvalidField("document.mrz", "must be at most 512 bytes");
  if (document.chip_files_size() > kMaxChipFiles) {
    return rpc::InvalidField("document.chip_files", "must be at most 32 files");
  }
  std::vector<DocumentInput::ChipFile> files;
  for (const auto& file : document.chip_files()) {
    if (file.name().empty() || file.name().size() > kMaxChipFileNameBytes) {
      return rpc::InvalidField("document.chip_files.name", "must be 1 to 32 bytes, for example EF.SOD");
    }
    files.push_back({file.name(), file.content()});
  }
  gatehouse::document::v1::DocumentInput further;
  *further.mutable_access() = document.access();
  *further.mutable_seals() = document.seals();
  further.set_visa_mrz(document.visa_mrz());
  if (document.has_active_authentication()) {
    *further.mutable_active_authentication() = document.active_authentication();
  }
  if (document.visa_mrz().size() > kMaxMrzBytes) {
    return rpc::InvalidField("document.visa_mrz", "must be at most 512 bytes");
  }
  if (document.has_visual_zone()) *further.mutable_visual_zone() = document.visual_zone();
  DocumentInput input{.mrz = base::Redacted<std::string>(document.mrz()),
                      .chip_files = base::Redacted(std::move(files)),
                      .further = base::Redacted<std::string>(further.SerializeAsString()),
                      .visa_mrz = base::Redacted<std::string>(document.visa_mrz())};
  if (document.visual_zone().has_identity()) {
    GH_ASSIGN_OR_RETURN(base::Identity page,
                        rpc::ReadIdentity(document.visual_zone().identity(), "document.visual_zone.identity"));
    input.page = base::Redacted(std::move(page));
  }
  return input;
}

absl::StatusOr<std::optional<base::Redacted<base::Identity>>> ReadKeyed(const v1::InspectRequest& request) {
  if (!request.has_keyed()) return std::nullopt;
  GH_ASSIGN_OR_RETURN(base::Identity identity, rpc::ReadIdentity(request.keyed().identity(), "keyed.identity"));
  const base::PersonName& name = identity.name;
  if (name.primary.empty() && name.secondary.empty() && name.full.empty() && identity.document.empty()) {
    return rpc::InvalidField("keyed.identity", "needs at least a name or a document number");
  }
  return base::Redacted<base::Identity>(std::move(identity));
}

void WriteDecision(const Decision& decision, v1::Decision* written) {
  written->set_outcome(WriteOutcome(decision.outcome));
  written->set_reason_code(decision.reason_code);
  written->set_officer(decision.officer);
  *written->mutable_decision_time() = rpc::WriteTime(decision.time);
  written->set_crossing_state(v1::CROSSING_STATE_NONE);
}

void WriteDecisions(const Inspection& inspection, v1::Inspection* written) {
  for (const Decision& decision : inspection.decisions) WriteDecision(decision, written->add_decisions());
  if (!inspection.crossing || inspection.decisions.empty()) return;
  v1::Decision* last = written->mutable_decisions(written->decisions_size() - 1);
  const std::string& crossing_id = inspection.crossing->crossing_id;
  const std::string& refusal = inspection.crossing->refusal;
  last->set_crossing_state(!crossing_id.empty() ? v1::CROSSING_STATE_STORED
                           : refusal.empty()    ? v1::CROSSING_STATE_PENDING
                                                : v1::CROSSING_STATE_REFUSED);
  last->set_crossing_refusal(refusal);
  last->set_crossing_id(crossing_id);
}

void WriteRecommendation(const Recommendation& recommendation, v1::Recommendation* written) {
  written->set_outcome(recommendation.clear ? v1::RECOMMENDED_OUTCOME_CLEAR : v1::RECOMMENDED_OUTCOME_REFER);
  written->set_policy_version(recommendation.policy_version);
  for (const Recommendation::Reason& reason : recommendation.reasons) {
    v1::Recommendation::Reason* added = written->add_reasons();
    added->set_check(reason.check);
    added->set_rule(reason.rule);
    added->set_text(reason.text);
  }
}

void WriteCheck(const Check& check, v1::Check* written) {
  written->set_id(check.id);
  written->set_status(WriteCheckStatus(check.status));
  written->set_reason(check.reason);
  *written->mutable_duration() = rpc::WriteDuration(check.duration);
  written->set_data_version(check.data_version);
  if (check.data_age) *written->mutable_data_age() = rpc::WriteDuration(*check.data_age);
}

absl::StatusOr<Check> ReadCheck(const v1::Check& stored) {
  const std::optional<CheckStatus> status = ReadCheckStatus(stored.status());
  if (!status) return absl::DataLossError("a stored check has an unknown status");
  Check check{.id = stored.id(),
              .status = *status,
              .reason = stored.reason(),
              .duration = rpc::ReadDuration(stored.duration()),
              .data_version = stored.data_version()};
  if (stored.has_data_age()) check.data_age = rpc::ReadDuration(stored.data_age());
  return check;
}

// Everything but state, decisions and evidence.
void WriteFacts(const Inspection& inspection, v1::Inspection* written) {
  written->set_inspection_id(inspection.id.value());
  written->set_direction(WriteDirection(inspection.direction));
  written->set_post(inspection.post);
  written->set_conveyance(inspection.conveyance);
  *written->mutable_inspection_time() = rpc::WriteTime(inspection.time);
  *written->mutable_duration() = rpc::WriteDuration(inspection.duration);
  if (inspection.identity_source != IdentitySource::kNone) {
    *written->mutable_identity() = rpc::WriteIdentity(inspection.identity.Reveal());
  }
  written->set_identity_source(Write(kSources, inspection.identity_source));
  for (const Check& check : inspection.checks) WriteCheck(check, written->add_checks());
  WriteRecommendation(inspection.recommendation, written->mutable_recommendation());
  written->set_officer(inspection.officer);
}

// What any question found.
void Merge(const BaseAnswer& answer, BaseAnswer& known) {
  if (answer.status() == gatehouse::watchlist::v1::BASE_STATUS_NOT_SEARCHED) return;
  if (known.status() == gatehouse::watchlist::v1::BASE_STATUS_NOT_SEARCHED) {
    known = answer;
    return;
  }
  known.set_required(known.required() || answer.required());
  const bool found = answer.status() == gatehouse::watchlist::v1::BASE_STATUS_HIT;
  if (found || known.status() == gatehouse::watchlist::v1::BASE_STATUS_NO_HIT) {
    known.set_status(answer.status());
    known.set_reason(answer.reason());
  }
  std::set<std::string> records;
  for (const auto& hit : known.hits()) records.insert(hit.record_id());
  for (const auto& hit : answer.hits()) {
    if (records.insert(hit.record_id()).second) *known.add_hits() = hit;
  }
}

// One answer per base beside the answers per question: whoever asks only what a list said need not join them.
void AddListAnswers(v1::Inspection* written) {
  std::map<std::string, BaseAnswer> merged;
  for (const v1::ListQuestion& question : written->list_questions()) {
    for (const BaseAnswer& answer : question.answers()) {
      const auto [place, added] = merged.emplace(answer.base(), answer);
      if (!added) Merge(answer, place->second);
    }
  }
  for (auto& [base, answer] : merged) *written->add_list_answers() = std::move(answer);
}

}  // namespace

bool IsPostCode(std::string_view text) {
  return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::StatusOr<InspectInput> FromProto(const v1::InspectRequest& request, const std::string& default_post) {
  if (!IsRequestId(request.request_id())) {
    return rpc::InvalidField("request_id", "must be at most 64 printable characters without blanks");
  }
  InspectInput input{.request = {.id = request.request_id()},
                     .post = request.post().empty() ? default_post : request.post(),
                     .conveyance = request.conveyance()};
  GH_ASSIGN_OR_RETURN(input.document, ReadDocument(request.document()));
  input.document.post = input.post;
  GH_ASSIGN_OR_RETURN(input.keyed, ReadKeyed(request));
  if (request.document().mrz().empty() && request.document().chip_files().empty() && !input.keyed) {
    return rpc::InvalidField("document", "give what was read from the document, or keyed data");
  }
  const std::optional<Direction> direction = Read(kDirections, request.direction());
  if (!direction) return rpc::InvalidField("direction", "must be DIRECTION_ENTRY or DIRECTION_EXIT");
  input.direction = *direction;
  if (!IsPostCode(input.post)) return rpc::InvalidField("post", "must be 1 to 16 characters A-Z 0-9 -");
  if (!IsConveyance(input.conveyance)) {
    return rpc::InvalidField("conveyance", "must be at most 32 printable characters");
  }
  return input;
}

absl::StatusOr<DecideInput> FromProto(const v1::DecideRequest& request) {
  if (!base::IsUuid(request.inspection_id())) {
    return rpc::InvalidField("inspection_id", "is not the id of an inspection");
  }
  const std::optional<Outcome> outcome = Read(kOutcomes, request.outcome());
  if (!outcome) return rpc::InvalidField("outcome", "must be admit, refer, refuse or abandon");
  if (!IsReasonCode(request.reason_code())) {
    return rpc::InvalidField("reason_code", "must be at most 32 characters A-Z 0-9 _");
  }
  const bool reasoned = *outcome == Outcome::kRefer || *outcome == Outcome::kRefuse;
  if (reasoned && request.reason_code().empty()) {
    return rpc::InvalidField("reason_code", "is needed for refer and refuse");
  }
  if (!IsRequestId(request.request_id())) {
    return rpc::InvalidField("request_id", "must be at most 64 printable characters without blanks");
  }
  return DecideInput{.inspection = InspectionId(request.inspection_id()),
                     .key = {.id = request.request_id()},
                     .request = {.outcome = *outcome, .reason_code = request.reason_code()}};
}

absl::StatusOr<InspectionId> FromProto(const v1::GetInspectionRequest& request) {
  if (!base::IsUuid(request.inspection_id())) {
    return rpc::InvalidField("inspection_id", "is not the id of an inspection");
  }
  return InspectionId(request.inspection_id());
}

absl::StatusOr<InspectionId> FromProto(const v1::RetryCrossingRequest& request) {
  if (!base::IsUuid(request.inspection_id())) {
    return rpc::InvalidField("inspection_id", "is not the id of an inspection");
  }
  return InspectionId(request.inspection_id());
}

absl::StatusOr<int> FromProto(const v1::ListRefusedCrossingsRequest& request) {
  GH_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request.page_size(), kMaxPage, ""));
  return page.size;
}

absl::StatusOr<ListInput> FromProto(const v1::ListInspectionsRequest& request) {
  GH_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request.page_size(), kMaxPage, request.page_token()));
  ListInput input{.size = page.size};
  if (page.behind) input.behind = InspectionPosition{page.behind->time, page.behind->id};
  if (request.state() != v1::INSPECTION_STATE_UNSPECIFIED) {
    input.state = Read(kStates, request.state());
    if (!input.state) return rpc::InvalidField("state", "is not a known state");
  }
  return input;
}

gatehouse::traveller::v1::Direction WriteDirection(Direction direction) { return Write(kDirections, direction); }
v1::CheckStatus WriteCheckStatus(CheckStatus status) { return Write(kCheckStatuses, status); }
v1::Outcome WriteOutcome(Outcome outcome) { return Write(kOutcomes, outcome); }
std::optional<CheckStatus> ReadCheckStatus(v1::CheckStatus status) { return Read(kCheckStatuses, status); }

void ToProto(const Inspection& inspection, v1::Inspection* written) {
  WriteFacts(inspection, written);
  written->set_state(Write(kStates, inspection.state));
  written->set_unreadable(inspection.unreadable);
  WriteDecisions(inspection, written);
  written->MergeFromString(inspection.evidence.Reveal());
  written->MergeFromString(inspection.history.Reveal());
  AddListAnswers(written);
}

void ToProto(const std::vector<RefusedCrossing>& refused, v1::ListRefusedCrossingsResponse* response) {
  for (const RefusedCrossing& crossing : refused) {
    v1::RefusedCrossing* added = response->add_crossings();
    added->set_inspection_id(crossing.inspection.value());
    added->set_reason(crossing.reason);
    *added->mutable_decision_time() = rpc::WriteTime(crossing.decision_time);
    *added->mutable_refusal_time() = rpc::WriteTime(crossing.refusal_time);
    added->set_attempts(crossing.attempts);
  }
}

void ToProto(const DeskAnswer& answer, v1::DecideResponse* response) {
  v1::Inspection inspection;
  WriteDecisions(answer.inspection, &inspection);
  response->set_inspection_id(answer.inspection.id.value());
  *response->mutable_decision() = inspection.decisions(static_cast<int>(answer.decision));
  response->set_repeated_request(answer.ruling == Ruling::kRepeated);
  response->set_overtaken(answer.inspection.overtaken);
}

absl::Status StatusOf(Ruling ruling) {
  switch (ruling) {
    case Ruling::kAllowed:
    case Ruling::kRepeated:
      return absl::OkStatus();
    case Ruling::kNamedOfficerRequired:
      return rpc::WithReason(absl::PermissionDeniedError("this decision needs a named officer"),
                             "NAMED_OFFICER_REQUIRED");
    case Ruling::kAlreadyDecided:
      return rpc::WithReason(absl::FailedPreconditionError("this inspection is already decided"), "ALREADY_DECIDED");
    case Ruling::kTooOld:
      return rpc::WithReason(absl::FailedPreconditionError("this inspection is too old to be decided; inspect again"),
                             "INSPECTION_TOO_OLD");
    case Ruling::kOvertaken:
      return rpc::WithReason(
          absl::FailedPreconditionError("another inspection of this document or person was made or decided since"),
          "DECIDED_ELSEWHERE");
  }
  return absl::InternalError("unknown ruling");
}

absl::Status WithReason(absl::Status status) {
  if (absl::IsAlreadyExists(status)) return rpc::WithReason(std::move(status), "REQUEST_ID_REUSED");
  // The text of a loss stays inside; its word says that it is one, and not an empty answer.
  if (seal::IsKeyLost(status)) return rpc::WithReason(std::move(status), "KEY_LOST");
  if (absl::IsDataLoss(status)) return rpc::WithReason(std::move(status), "ROW_DAMAGED");
  if (seal::IsErased(status)) return rpc::WithReason(std::move(status), "INSPECTION_ERASED");
  if (absl::IsNotFound(status)) return rpc::WithReason(std::move(status), "NO_SUCH_INSPECTION");
  return status;
}

std::string StoredInspection(const Inspection& inspection) {
  v1::Inspection stored;
  WriteFacts(inspection, &stored);
  return stored.SerializeAsString();
}

absl::StatusOr<Inspection> ReadStoredInspection(const std::string& blob) {
  v1::Inspection stored;
  if (!stored.ParseFromString(blob)) return absl::DataLossError("a stored inspection does not parse");
  const std::optional<Direction> direction = Read(kDirections, stored.direction());
  const std::optional<IdentitySource> source = Read(kSources, stored.identity_source());
  if (!direction || !source) return absl::DataLossError("a stored inspection has an unknown direction or source");
  Inspection inspection{.id = InspectionId(stored.inspection_id()),
                        .direction = *direction,
                        .post = stored.post(),
                        .conveyance = stored.conveyance(),
                        .duration = rpc::ReadDuration(stored.duration()),
                        .identity_source = *source,
                        .officer = stored.officer()};
  GH_ASSIGN_OR_RETURN(inspection.time, rpc::ReadTime(stored.inspection_time(), "inspection_time"));
  GH_ASSIGN_OR_RETURN(inspection.identity.Reveal(), rpc::ReadIdentity(stored.identity(), "identity"));
  for (const v1::Check& check : stored.checks()) {
    GH_ASSIGN_OR_RETURN(Check read, ReadCheck(check));
    inspection.checks.push_back(std::move(read));
  }
  const v1::Recommendation& recommendation = stored.recommendation();
  inspection.recommendation = {.clear = recommendation.outcome() == v1::RECOMMENDED_OUTCOME_CLEAR,
                               .policy_version = recommendation.policy_version()};
  for (const auto& reason : recommendation.reasons()) {
    inspection.recommendation.reasons.push_back({reason.check(), reason.rule(), reason.text()});
  }
  return inspection;
}

std::string StoredDecision(const Decision& decision) {
  v1::Decision stored;
  WriteDecision(decision, &stored);
  return stored.SerializeAsString();
}

absl::StatusOr<Decision> ReadStoredDecision(const std::string& blob) {
  v1::Decision stored;
  if (!stored.ParseFromString(blob)) return absl::DataLossError("a stored decision does not parse");
  const std::optional<Outcome> outcome = Read(kOutcomes, stored.outcome());
  if (!outcome) return absl::DataLossError("a stored decision has an unknown outcome");
  Decision decision{.outcome = *outcome, .reason_code = stored.reason_code(), .officer = stored.officer()};
  GH_ASSIGN_OR_RETURN(decision.time, rpc::ReadTime(stored.decision_time(), "decision_time"));
  return decision;
}

}  // namespace gatehouse::inspection
