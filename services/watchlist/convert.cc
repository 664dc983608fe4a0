#include "services/watchlist/convert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/partial_date.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"

namespace gatehouse::watchlist {
namespace {

constexpr size_t kMaxRejectedRows = 1000;
constexpr size_t kMaxRequestIdBytes = 64;

v1::BaseStatus Status(BaseStatus status) {
  switch (status) {
    case BaseStatus::kHit:
      return v1::BASE_STATUS_HIT;
    case BaseStatus::kNoHit:
      return v1::BASE_STATUS_NO_HIT;
    case BaseStatus::kNotSearched:
      return v1::BASE_STATUS_NOT_SEARCHED;
    case BaseStatus::kStale:
      return v1::BASE_STATUS_STALE;
    case BaseStatus::kUnsearchable:
      return v1::BASE_STATUS_UNSEARCHABLE;
    case BaseStatus::kPartlySearched:
      return v1::BASE_STATUS_PARTLY_SEARCHED;
    case BaseStatus::kError:
      break;
  }
  return v1::BASE_STATUS_ERROR;
}

v1::BaseState State(BaseState state) {
  switch (state) {
    case BaseState::kServing:
      return v1::BASE_STATE_SERVING;
    case BaseState::kMissing:
      return v1::BASE_STATE_MISSING;
    case BaseState::kUnusable:
      break;
  }
  return v1::BASE_STATE_UNUSABLE;
}

v1::StagedState State(StagedState state) {
  switch (state) {
    case StagedState::kWaiting:
      return v1::STAGED_STATE_WAITING;
    case StagedState::kAccepted:
      return v1::STAGED_STATE_ACCEPTED;
    case StagedState::kRejected:
      return v1::STAGED_STATE_REJECTED;
    case StagedState::kSuperseded:
      break;
  }
  return v1::STAGED_STATE_SUPERSEDED;
}

// Of a date that was read before.
gatehouse::type::v1::PartialDate DateToProto(const std::string& published) {
  return rpc::WriteDate(base::ParsePartialDate(published).value_or(base::PartialDate()));
}

v1::Band BandToProto(Band band) {
  switch (band) {
    case Band::kIdentity:
      return v1::BAND_IDENTITY;
    case Band::kPossible:
      return v1::BAND_POSSIBLE;
    case Band::kWeak:
      return v1::BAND_WEAK;
    case Band::kBelow:
      break;
  }
  return v1::BAND_BELOW;
}

}  // namespace

absl::StatusOr<Query> FromProto(const v1::ScreenQuery& query, std::string_view path) {
  Query out;
  out.id = query.id();
  out.name = query.name().full();
  out.primary = query.name().primary();
  out.secondary = query.name().secondary();
  out.mrz_name = query.name().mrz_name();
  out.birth_date = {query.birth_date().year(), query.birth_date().month(), query.birth_date().day()};
  if (!base::IsPossible(out.birth_date)) {
    return rpc::InvalidField(absl::StrCat(absl::string_view(path.data(), path.size()), "birth_date"),
                             "no such day in the calendar");
  }
  switch (query.sex()) {
    case gatehouse::type::v1::SEX_FEMALE:
      out.sex = Sex::kFemale;
      break;
    case gatehouse::type::v1::SEX_MALE:
      out.sex = Sex::kMale;
      break;
    case gatehouse::type::v1::SEX_X:
    case gatehouse::type::v1::SEX_UNSPECIFIED:
      break;
    default:
      return rpc::InvalidField(absl::StrCat(absl::string_view(path.data(), path.size()), "sex"), "unknown value");
  }
  out.nationality = query.nationality();
  if (!query.document().number().empty()) {
    out.document = DocumentQuery{query.document().number(), query.document().issuer(), query.document().type()};
  }
  if (const absl::Status checked = CheckQuery(out); !checked.ok()) {
    // Told as "field: reason".
    const std::pair<std::string, std::string> told = absl::StrSplit(checked.message(), absl::MaxSplits(": ", 1));
    return rpc::InvalidField(absl::StrCat(absl::string_view(path.data(), path.size()), told.first), told.second);
  }
  return out;
}

absl::StatusOr<std::string> FormatFromProto(v1::ListFormat format) {
  switch (format) {
    case v1::LIST_FORMAT_UN_XML:
      return "un-xml";
    case v1::LIST_FORMAT_DOCUMENT_CSV:
      return "document-csv";
    default:
      return rpc::InvalidField("format", "un-xml or document-csv");
  }
}

void ToProto(const std::string& id, const std::vector<BaseAnswer>& answers, v1::ScreenAnswer* out) {
  out->set_id(id);
  for (const BaseAnswer& answer : answers) {
    v1::BaseAnswer* base = out->add_bases();
    base->set_base(answer.base);
    base->set_status(Status(answer.status));
    base->set_data_version(answer.version);
    base->set_reason(answer.reason);
    base->set_required(answer.required);
    if (answer.version.empty()) continue;
    if (!answer.published.empty()) *base->mutable_version_date() = DateToProto(answer.published);
    *base->mutable_import_time() = rpc::WriteTime(answer.imported_at);
    if (answer.confirmed_at.has_value()) {
      *base->mutable_confirmed_time() = rpc::WriteTime(*answer.confirmed_at);
      *base->mutable_data_age() = rpc::WriteDuration(answer.age);
    }
    for (const Hit& hit : answer.hits) {
      v1::Hit* item = base->add_hits();
      item->set_base(hit.base);
      item->set_record_id(hit.record_id);
      item->set_score(hit.score);
      item->set_band(BandToProto(hit.band));
      for (const std::string& matched : hit.matched) item->add_matched(matched);
      if (hit.document_status) item->set_document_status(std::string(DocumentStatusName(*hit.document_status)));
    }
  }
}

void ToProto(const BaseInfo& info, v1::Base* out) {
  out->set_base(info.base);
  out->set_state(State(info.state));
  out->set_fault(info.fault);
  out->set_required_for_persons(info.required_for_persons);
  out->set_required_for_documents(info.required_for_documents);
  if (info.sha256.empty()) return;
  out->set_format(info.format == "un-xml" ? v1::LIST_FORMAT_UN_XML : v1::LIST_FORMAT_DOCUMENT_CSV);
  out->set_data_version(info.version);
  *out->mutable_import_time() = rpc::WriteTime(info.imported_at);
  if (!info.published.empty()) *out->mutable_version_date() = DateToProto(info.published);
  if (info.confirmed_at.has_value()) {
    *out->mutable_confirmed_time() = rpc::WriteTime(*info.confirmed_at);
    *out->mutable_data_age() = rpc::WriteDuration(info.age);
  }
  for (const std::string& person : info.confirmed_by) out->add_confirmed_by(person);
  out->set_accepted_by(info.accepted_by);
  out->set_records(static_cast<int32_t>(info.records));
  out->set_rejected(static_cast<int32_t>(info.rejected));
  out->set_freshness(info.freshness == Freshness::kFresh  ? "fresh"
                     : info.freshness == Freshness::kAged ? "aged"
                                                          : "stale");
  out->set_imported_by(info.imported_by);
  out->set_sha256(info.sha256);
}

void ToProto(const StagedImport& staged, v1::StagedImport* out) {
  out->set_staged_id(staged.id);
  out->set_base(staged.base);
  out->set_state(State(staged.state));
  for (const std::string& reason : staged.reasons) out->add_reasons(reason);
  out->set_data_version(staged.version);
  if (!staged.published.empty()) *out->mutable_version_date() = DateToProto(staged.published);
  out->set_sha256(staged.sha256);
  out->set_records(static_cast<int32_t>(staged.records));
  out->set_rejected(static_cast<int32_t>(staged.rejected));
  out->set_added(static_cast<int32_t>(staged.change.added));
  out->set_removed(static_cast<int32_t>(staged.change.removed));
  out->set_held_import_number(staged.held_import_number);
  out->set_imported_by(staged.imported_by.identity);
  out->set_imported_by_person(staged.imported_by.person);
  *out->mutable_import_time() = rpc::WriteTime(staged.imported_at);
  for (const std::string& person : staged.accepted_by) out->add_accepted_by(person);
  out->set_rejected_by(staged.rejected_by);
  out->set_reject_reason(staged.reject_reason);
  if (staged.decided_at != absl::Time()) *out->mutable_decide_time() = rpc::WriteTime(staged.decided_at);
}

absl::StatusOr<StagedImport> FromProto(const v1::StagedImport& staged) {
  const absl::StatusOr<absl::Time> imported_at = rpc::ReadTime(staged.import_time(), "import_time");
  const absl::StatusOr<absl::Time> decided_at = rpc::ReadTime(staged.decide_time(), "decide_time");
  if (!imported_at.ok() || !decided_at.ok()) return absl::DataLossError("a staged import without its time");
  const base::PartialDate day = {staged.version_date().year(), staged.version_date().month(),
                                 staged.version_date().day()};
  StagedImport out{.id = staged.staged_id(),
                   .base = staged.base(),
                   .reasons = {staged.reasons().begin(), staged.reasons().end()},
                   .version = staged.data_version(),
                   .published = day.ToString(),
                   .sha256 = staged.sha256(),
                   .records = staged.records(),
                   .rejected = staged.rejected(),
                   .change = {.added = staged.added(), .removed = staged.removed()},
                   .held_import_number = staged.held_import_number(),
                   .imported_by = {staged.imported_by(), staged.imported_by_person()},
                   .imported_at = *imported_at,
                   .accepted_by = {staged.accepted_by().begin(), staged.accepted_by().end()},
                   .rejected_by = staged.rejected_by(),
                   .reject_reason = staged.reject_reason(),
                   .decided_at = *decided_at};
  return out;
}

absl::Status CheckRequestId(const std::string& request_id) {
  const bool printable = std::all_of(request_id.begin(), request_id.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (request_id.size() <= kMaxRequestIdBytes && printable) return absl::OkStatus();
  return rpc::InvalidField("request_id", "must be at most 64 printable characters without blanks");
}

absl::StatusOr<ImportOrder> FromProto(const v1::ImportListRequest& request) {
  ImportOrder order{.base = request.base(), .bytes = request.content()};
  GH_ASSIGN_OR_RETURN(order.format, FormatFromProto(request.format()));
  const base::PartialDate day = {request.published_date().year(), request.published_date().month(),
                                 request.published_date().day()};
  if (!day.empty() && (!day.complete() || !base::IsPossible(day))) {
    return rpc::InvalidField("published_date", "must be a whole day of the calendar");
  }
  order.published = day.ToString();
  order.terms.allow_older = request.allow_older();
  order.terms.removals = {request.removed_record_ids().begin(), request.removed_record_ids().end()};
  return order;
}

void ToProto(const ListChange& change, v1::ImportListResponse* out) {
  if (change.info.has_value()) ToProto(*change.info, out->mutable_base());
  if (change.staged.has_value()) ToProto(*change.staged, out->mutable_staged_import());
  out->set_result(change.result == ChangeResult::kStaged      ? v1::IMPORT_RESULT_STAGED
                  : change.result == ChangeResult::kUnchanged ? v1::IMPORT_RESULT_UNCHANGED
                                                              : v1::IMPORT_RESULT_IMPORTED);
  const size_t count = std::min(change.rejected.size(), kMaxRejectedRows);
  for (size_t i = 0; i < count; ++i) {
    v1::RejectedRow* row = out->add_rejected_rows();
    row->set_line(change.rejected[i].line);
    row->set_field(change.rejected[i].field);
    row->set_reason(change.rejected[i].reason);
  }
}

void ToProto(const ListChange& change, v1::AcceptStagedImportResponse* out) {
  if (change.staged.has_value()) ToProto(*change.staged, out->mutable_staged_import());
  if (change.info.has_value()) ToProto(*change.info, out->mutable_base());
}

void ToProto(const ListChange& change, v1::RejectStagedImportResponse* out) {
  if (change.staged.has_value()) ToProto(*change.staged, out->mutable_staged_import());
}

void ToProto(const ListChange& change, v1::ConfirmBaseResponse* out) {
  if (change.info.has_value()) ToProto(*change.info, out->mutable_base());
}

}  // namespace gatehouse::watchlist
