#include "services/traveller/convert.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gatehouse/traveller/v1/error_reason.pb.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/errors.h"
#include "services/traveller/correction.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {
namespace {

namespace v1 = gatehouse::traveller::v1;

constexpr size_t kMaxRequestIdBytes = 64;
constexpr size_t kMaxOfficerBytes = 256;
constexpr size_t kMaxReasonBytes = 1024;
constexpr size_t kMaxCaseReferenceBytes = 64;

absl::Status CheckRequestId(const std::string& id, std::string_view field) {
  const bool printable = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!id.empty() && id.size() <= kMaxRequestIdBytes && printable) return absl::OkStatus();
  return rpc::InvalidField(field, "must be 1 to 64 printable characters without blanks");
}

bool IsReasonCode(std::string_view code) {
  return code.size() <= 32 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

absl::StatusOr<Direction> ReadDirection(v1::Direction direction) {
  if (direction == v1::DIRECTION_ENTRY) return Direction::kEntry;
  if (direction == v1::DIRECTION_EXIT) return Direction::kExit;
  return rpc::InvalidField("direction", "must be DIRECTION_ENTRY or DIRECTION_EXIT");
}

absl::StatusOr<CrossingOutcome> ReadOutcome(v1::CrossingOutcome outcome) {
  if (outcome == v1::CROSSING_OUTCOME_ADMITTED) return CrossingOutcome::kAdmitted;
  if (outcome == v1::CROSSING_OUTCOME_REFUSED) return CrossingOutcome::kRefused;
  return rpc::InvalidField("outcome", "must be CROSSING_OUTCOME_ADMITTED or CROSSING_OUTCOME_REFUSED");
}

v1::ErrorReason WriteReason(Reason reason) {
  switch (reason) {
    case Reason::kPersonNotFound:
      return v1::PERSON_NOT_FOUND;
    case Reason::kPersonErased:
      return v1::PERSON_ERASED;
    case Reason::kSeveralPersons:
      return v1::SEVERAL_PERSONS;
    case Reason::kIdentityNotSearched:
      return v1::IDENTITY_NOT_SEARCHED;
    case Reason::kCrossingNotFound:
      return v1::CROSSING_NOT_FOUND;
    case Reason::kKeyLost:
      return v1::KEY_LOST;
    case Reason::kRowDamaged:
      return v1::ROW_DAMAGED;
    case Reason::kRequestIdReused:
      return v1::REQUEST_ID_REUSED;
    case Reason::kNamedOfficerRequired:
      return v1::NAMED_OFFICER_REQUIRED;
    case Reason::kTooManyCorrections:
      return v1::TOO_MANY_CORRECTIONS;
  }
  return v1::ERROR_REASON_UNSPECIFIED;
}

// What was stored was checked when it came: that it does not read now is damage, whatever the reader calls it.
absl::Status Damaged(std::string_view what) {
  return Refuse(Reason::kRowDamaged, absl::StrCat("a stored ", std::string(what), " does not read"));
}

absl::StatusOr<ErasureReason> ReadErasureReason(v1::ErasureReason reason) {
  switch (reason) {
    case v1::ERASURE_REASON_RETENTION_ENDED:
      return ErasureReason::kRetentionEnded;
    case v1::ERASURE_REASON_SUBJECT_REQUEST:
      return ErasureReason::kSubjectRequest;
    case v1::ERASURE_REASON_COURT_ORDER:
      return ErasureReason::kCourtOrder;
    case v1::ERASURE_REASON_UNLAWFUL_RECORD:
      return ErasureReason::kUnlawfulRecord;
    default:
      return rpc::InvalidField("reason", "must be a reason of ErasureReason");
  }
}

v1::ErasureReason WriteErasureReason(ErasureReason reason) {
  switch (reason) {
    case ErasureReason::kRetentionEnded:
      return v1::ERASURE_REASON_RETENTION_ENDED;
    case ErasureReason::kSubjectRequest:
      return v1::ERASURE_REASON_SUBJECT_REQUEST;
    case ErasureReason::kCourtOrder:
      return v1::ERASURE_REASON_COURT_ORDER;
    case ErasureReason::kUnlawfulRecord:
      return v1::ERASURE_REASON_UNLAWFUL_RECORD;
  }
  return v1::ERASURE_REASON_UNSPECIFIED;
}

// A file number, in which no name fits well.
bool IsCaseReference(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCaseReferenceBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '/' ||
           c == '-';
  });
}

std::optional<ListPosition> PositionOf(const rpc::Page& page) {
  if (!page.behind) return std::nullopt;
  return ListPosition{page.behind->time, page.behind->id};
}

// A row whose id does not read has none to go on behind; its time does.
std::string TokenOf(const ListPosition& position) {
  static constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";
  return rpc::WritePageToken({position.time, base::IsUuid(position.id) ? position.id : kBeforeAll});
}

void WriteLink(const PersonLink& link, v1::PersonLink* written) {
  written->set_link_id(link.id.value());
  written->set_person_id(link.person.value());
  written->set_document_person_id(link.document_person.value());
  written->set_confidence(v1::LINK_CONFIDENCE_LOW);  // the only one there is
  written->set_crossing_id(link.crossing.value());
  *written->mutable_link_time() = rpc::WriteTime(link.time);
}

// A request and a stored crossing carry the same fields of a passage.
template <typename Message>
absl::StatusOr<Passage> ReadPassage(const Message& message) {
  Passage passage{.inspection_id = message.inspection_id(),
                  .post = message.post(),
                  .conveyance = message.conveyance(),
                  .reason_code = message.reason_code(),
                  .officer = message.officer()};
  GH_RETURN_IF_ERROR(CheckRequestId(passage.inspection_id, "inspection_id"));
  GH_ASSIGN_OR_RETURN(passage.direction, ReadDirection(message.direction()));
  GH_ASSIGN_OR_RETURN(passage.outcome, ReadOutcome(message.outcome()));
  if (!IsPostCode(passage.post)) return rpc::InvalidField("post", "must be 1 to 16 characters A-Z 0-9 -");
  if (!IsConveyance(passage.conveyance)) {
    return rpc::InvalidField("conveyance", "must be at most 32 printable characters");
  }
  if (!IsReasonCode(passage.reason_code)) {
    return rpc::InvalidField("reason_code", "must be at most 32 characters A-Z 0-9 _");
  }
  if (passage.officer.size() > kMaxOfficerBytes) return rpc::InvalidField("officer", "must be at most 256 bytes");
  if (!message.has_crossing_time()) return rpc::InvalidField("crossing_time", "must be given");
  GH_ASSIGN_OR_RETURN(passage.time, rpc::ReadTime(message.crossing_time(), "crossing_time"));
  if (!message.has_identity()) return rpc::InvalidField("identity", "must be given");
  GH_ASSIGN_OR_RETURN(base::Identity identity, rpc::ReadIdentity(message.identity(), "identity"));
  passage.identity = base::Redacted<base::Identity>(std::move(identity));
  return passage;
}

template <typename Message>
void WritePassage(const Passage& passage, Message* written) {
  written->set_inspection_id(passage.inspection_id);
  written->set_direction(WriteDirection(passage.direction));
  written->set_post(passage.post);
  written->set_conveyance(passage.conveyance);
  *written->mutable_crossing_time() = rpc::WriteTime(passage.time);
  written->set_outcome(WriteOutcome(passage.outcome));
  written->set_reason_code(passage.reason_code);
  *written->mutable_identity() = rpc::WriteIdentity(passage.identity.Reveal());
  written->set_officer(passage.officer);
}

void WriteCorrection(const Correction& correction, v1::Correction* written) {
  written->set_correction_id(correction.id.value());
  written->set_field(std::string(CorrectedFieldWord(correction.field)));
  written->set_value(correction.value);
  written->set_reason(correction.reason);
  written->set_officer(correction.officer);
  *written->mutable_correction_time() = rpc::WriteTime(correction.time);
}

}  // namespace

absl::StatusOr<RecordInput> FromProto(const v1::RecordCrossingRequest& request, std::string digest) {
  GH_RETURN_IF_ERROR(CheckRequestId(request.request_id(), "request_id"));
  RecordInput input{.request = {.id = request.request_id(), .digest = std::move(digest)}};
  GH_ASSIGN_OR_RETURN(input.passage, ReadPassage(request));
  if (input.passage.outcome == CrossingOutcome::kRefused && input.passage.officer.empty()) {
    return rpc::InvalidField("officer", "must be given: a refusal has a named officer");
  }
  return input;
}

absl::StatusOr<NewCorrection> FromProto(const v1::CorrectCrossingRequest& request, std::string digest) {
  GH_RETURN_IF_ERROR(CheckRequestId(request.request_id(), "request_id"));
  if (!base::IsUuid(request.crossing_id())) return rpc::InvalidField("crossing_id", "is not the id of a crossing");
  const std::optional<CorrectedField> field = FindCorrectedField(request.field());
  if (!field) {
    return rpc::InvalidField("field", "must be direction, post, conveyance, crossing_time or outcome");
  }
  if (const std::string_view wrong = CheckCorrection(*field, request.value()); !wrong.empty()) {
    return rpc::InvalidField("value", wrong);
  }
  if (request.reason().empty() || request.reason().size() > kMaxReasonBytes) {
    return rpc::InvalidField("reason", "must be 1 to 1024 bytes");
  }
  return NewCorrection{.request = {.id = request.request_id(), .digest = std::move(digest)},
                       .crossing = CrossingId(request.crossing_id()),
                       .field = *field,
                       .value = request.value(),
                       .reason = request.reason()};
}

absl::StatusOr<FindInput> FromProto(const v1::GetTravellerRequest& request) {
  const bool shown = request.has_document() || request.has_identity();
  if (shown == !request.person_id().empty()) {
    return rpc::InvalidField("person_id", "give either person_id, or document, identity or both");
  }
  if (request.history_size() < 0 || request.history_size() > kMaxHistory) {
    return rpc::InvalidField("history_size", "must be 0 to 100");
  }
  FindInput input{.history_size = request.history_size()};
  if (!shown) {
    if (!base::IsUuid(request.person_id())) return rpc::InvalidField("person_id", "is not the id of a person");
    input.query.person = PersonId(request.person_id());
  }
  if (request.has_document()) {
    GH_ASSIGN_OR_RETURN(input.query.document, rpc::ReadDocumentKey(request.document(), "document"));
    if (!base::DocumentText(*input.query.document)) return rpc::InvalidField("document.number", "must be given");
  }
  if (request.has_identity()) {
    GH_ASSIGN_OR_RETURN(input.query.identity, rpc::ReadIdentity(request.identity(), "identity"));
    // Half an identity beside a document is no key: the document alone is asked for, and the answer says so.
    if (!request.has_document() && !KeysOf(*input.query.identity).identity) {
      return rpc::InvalidField("identity", "needs name, complete birth date and nationality");
    }
  }
  return input;
}

absl::StatusOr<ListInput> FromProto(const v1::ListCrossingsRequest& request) {
  GH_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request.page_size(), kMaxPage, request.page_token()));
  ListInput input{.behind = PositionOf(page), .size = page.size};
  if (!request.person_id().empty()) {
    if (!base::IsUuid(request.person_id())) return rpc::InvalidField("person_id", "is not the id of a person");
    input.filter.person = PersonId(request.person_id());
  }
  if (request.has_document()) {
    GH_ASSIGN_OR_RETURN(const base::DocumentKey document, rpc::ReadDocumentKey(request.document(), "document"));
    input.filter.document = base::DocumentText(document);
    input.document = document;
    if (!input.filter.document) return rpc::InvalidField("document.number", "must be given");
  }
  if (!request.inspection_id().empty()) {
    GH_RETURN_IF_ERROR(CheckRequestId(request.inspection_id(), "inspection_id"));
    input.filter.inspection_id = request.inspection_id();
  }
  if (request.crossing_ids_size() > kMaxCrossingIds) return rpc::InvalidField("crossing_ids", "are more than 100");
  for (const std::string& id : request.crossing_ids()) {
    if (!base::IsUuid(id)) return rpc::InvalidField("crossing_ids", "are ids of crossings");
    input.filter.crossings.emplace_back(id);
  }
  return input;
}

absl::StatusOr<NewErasure> FromProto(const v1::ErasePersonRequest& request, std::string digest) {
  GH_RETURN_IF_ERROR(CheckRequestId(request.request_id(), "request_id"));
  if (!base::IsUuid(request.person_id())) return rpc::InvalidField("person_id", "is not the id of a person");
  GH_ASSIGN_OR_RETURN(const ErasureReason reason, ReadErasureReason(request.reason()));
  if (!IsCaseReference(request.case_reference())) {
    return rpc::InvalidField("case_reference", "must be 1 to 64 characters A-Z a-z 0-9 . / -");
  }
  return NewErasure{.request = {.id = request.request_id(), .digest = std::move(digest)},
                    .person = PersonId(request.person_id()),
                    .reason = reason,
                    .case_reference = request.case_reference()};
}

absl::StatusOr<LinksInput> FromProto(const v1::ListPersonLinksRequest& request) {
  GH_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request.page_size(), kMaxPage, request.page_token()));
  LinksInput input{.behind = PositionOf(page), .size = page.size};
  if (request.person_id().empty()) return input;
  if (!base::IsUuid(request.person_id())) return rpc::InvalidField("person_id", "is not the id of a person");
  input.person = PersonId(request.person_id());
  return input;
}

absl::StatusOr<ErasuresInput> FromProto(const v1::ListErasuresRequest& request) {
  GH_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request.page_size(), kMaxPage, request.page_token()));
  return ErasuresInput{.behind = PositionOf(page), .size = page.size};
}

v1::Direction WriteDirection(Direction direction) {
  return direction == Direction::kEntry ? v1::DIRECTION_ENTRY : v1::DIRECTION_EXIT;
}

v1::CrossingOutcome WriteOutcome(CrossingOutcome outcome) {
  return outcome == CrossingOutcome::kAdmitted ? v1::CROSSING_OUTCOME_ADMITTED : v1::CROSSING_OUTCOME_REFUSED;
}

void ToProto(const Recorded& recorded, v1::RecordCrossingResponse* response) {
  response->set_crossing_id(recorded.crossing.value());
  response->set_person_id(recorded.person.value());
  response->set_repeated_request(recorded.repeated);
}

void ToProto(const Crossing& crossing, v1::Crossing* written) {
  if (crossing.unreadable) {
    written->set_unreadable(WriteReason(*crossing.unreadable));
    written->set_inspection_id(crossing.passage.inspection_id);
    if (crossing.corrected_time != absl::InfiniteFuture()) {
      *written->mutable_crossing_time() = rpc::WriteTime(crossing.corrected_time);
    }
  } else {
    WritePassage(crossing.passage, written);
  }
  written->set_crossing_id(crossing.id.value());
  written->set_person_id(crossing.person.value());
  if (crossing.record_time != absl::InfiniteFuture()) {
    *written->mutable_record_time() = rpc::WriteTime(crossing.record_time);
  }
  for (const Correction& correction : crossing.corrections) WriteCorrection(correction, written->add_corrections());
}

void ToProto(const Traveller& traveller, v1::GetTravellerResponse* response) {
  const Person& person = traveller.person;
  v1::Person* written = response->mutable_person();
  written->set_person_id(person.id.value());
  *written->mutable_identity() = rpc::WriteIdentity(person.identity.Reveal());
  for (const base::DocumentKey& document : person.documents.Reveal()) {
    *written->add_documents() = rpc::WriteDocumentKey(document);
  }
  written->set_document_count(person.document_count);
  written->set_crossing_count(person.crossing_count);
  *written->mutable_first_crossing_time() = rpc::WriteTime(person.first_crossing_time);
  *written->mutable_last_crossing_time() = rpc::WriteTime(person.last_crossing_time);
  if (person.last_direction) written->set_last_direction(WriteDirection(*person.last_direction));
  for (const Crossing& crossing : traveller.history) ToProto(crossing, response->add_history());
  for (const PersonLink& link : traveller.links) WriteLink(link, written->add_links());
  response->set_document_of_another(traveller.document_of_another);
  response->set_identity_not_searched(traveller.identity_not_searched);
}

void ToProto(const CrossingPage& page, v1::ListCrossingsResponse* response) {
  for (const Crossing& crossing : page.crossings) ToProto(crossing, response->add_crossings());
  for (const CrossingId& erased : page.erased) response->add_erased_crossing_ids(erased.value());
  if (page.next) response->set_next_page_token(TokenOf(*page.next));
}

void ToProto(const LinkPage& page, v1::ListPersonLinksResponse* response) {
  for (const PersonLink& link : page.links) WriteLink(link, response->add_links());
  if (page.next) response->set_next_page_token(TokenOf(*page.next));
}

void ToProto(const Erasure& erasure, v1::Erasure* written) {
  written->set_erasure_id(erasure.id.value());
  written->set_person_id(erasure.person.value());
  written->set_reason(WriteErasureReason(erasure.reason));
  written->set_case_reference(erasure.case_reference);
  written->set_officer(erasure.officer);
  *written->mutable_erase_time() = rpc::WriteTime(erasure.time);
  written->set_crossing_count(erasure.crossing_count);
  written->set_document_count(erasure.document_count);
}

void ToProto(const ErasurePage& page, v1::ListErasuresResponse* response) {
  for (const Erasure& erasure : page.erasures) ToProto(erasure, response->add_erasures());
  if (page.next) response->set_next_page_token(TokenOf(*page.next));
}

std::string StoredPassage(const Passage& passage) {
  v1::Crossing stored;
  WritePassage(passage, &stored);
  return stored.SerializeAsString();
}

absl::StatusOr<Passage> ReadStoredPassage(const std::string& blob) {
  v1::Crossing stored;
  if (!stored.ParseFromString(blob)) return Damaged("crossing");
  absl::StatusOr<Passage> passage = ReadPassage(stored);
  if (!passage.ok()) return Damaged("crossing");
  return passage;
}

std::string StoredCorrection(const Correction& correction) {
  v1::Correction stored;
  WriteCorrection(correction, &stored);
  return stored.SerializeAsString();
}

absl::StatusOr<Correction> ReadStoredCorrection(const std::string& blob) {
  v1::Correction stored;
  if (!stored.ParseFromString(blob)) return Damaged("correction");
  const std::optional<CorrectedField> field = FindCorrectedField(stored.field());
  const absl::StatusOr<absl::Time> time = rpc::ReadTime(stored.correction_time(), "correction_time");
  if (!field || !time.ok() || !CheckCorrection(*field, stored.value()).empty()) return Damaged("correction");
  return Correction{.id = CorrectionId(stored.correction_id()),
                    .field = *field,
                    .value = stored.value(),
                    .reason = stored.reason(),
                    .officer = stored.officer(),
                    .time = *time};
}

std::string StoredDocument(const base::DocumentKey& document) {
  return rpc::WriteDocumentKey(document).SerializeAsString();
}

absl::StatusOr<base::DocumentKey> ReadStoredDocument(const std::string& blob) {
  gatehouse::type::v1::DocumentKey stored;
  if (!stored.ParseFromString(blob)) return Damaged("document key");
  absl::StatusOr<base::DocumentKey> document = rpc::ReadDocumentKey(stored, "document");
  if (!document.ok()) return Damaged("document key");
  return document;
}

absl::Status ErrorOf(absl::Status status) {
  if (const std::optional<Reason> reason = ReasonOf(status)) {
    return rpc::WithReason(std::move(status), v1::ErrorReason_Name(WriteReason(*reason)));
  }
  if (absl::IsResourceExhausted(status) || absl::IsAborted(status)) {
    return absl::UnavailableError("the register cannot do this at the moment; try again");
  }
  // A cell of another type than its column.
  if (absl::IsDataLoss(status)) return rpc::WithReason(std::move(status), v1::ErrorReason_Name(v1::ROW_DAMAGED));
  return status;
}

}  // namespace gatehouse::traveller
