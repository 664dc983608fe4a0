#include "services/watchlist/convert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"

namespace gatehouse::watchlist {
namespace {

constexpr size_t kMaxRejectedRows = 1000;

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

void ToProto(const std::string& id, const std::vector<BaseAnswer>& answers, absl::Time now, v1::ScreenAnswer* out) {
  out->set_id(id);
  for (const BaseAnswer& answer : answers) {
    v1::BaseAnswer* base = out->add_bases();
    base->set_base(answer.base);
    base->set_status(Status(answer.status));
    base->set_data_version(answer.version);
    base->set_reason(answer.reason);
    base->set_required(answer.required);
    *base->mutable_data_age() = rpc::WriteDuration(answer.age);
    if (!answer.version.empty()) *base->mutable_import_time() = rpc::WriteTime(now - answer.age);
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
  *out->mutable_data_age() = rpc::WriteDuration(info.age);
  out->set_records(static_cast<int32_t>(info.records));
  out->set_rejected(static_cast<int32_t>(info.rejected));
  out->set_freshness(info.freshness == Freshness::kFresh  ? "fresh"
                     : info.freshness == Freshness::kAged ? "aged"
                                                          : "stale");
  out->set_imported_by(info.imported_by);
  out->set_sha256(info.sha256);
}

void ToProto(const ImportOutcome& outcome, v1::ImportListResponse* out) {
  ToProto(outcome.info, out->mutable_base());
  const size_t count = std::min(outcome.rejected.size(), kMaxRejectedRows);
  for (size_t i = 0; i < count; ++i) {
    v1::RejectedRow* row = out->add_rejected_rows();
    row->set_line(outcome.rejected[i].line);
    row->set_field(outcome.rejected[i].field);
    row->set_reason(outcome.rejected[i].reason);
  }
}

}  // namespace gatehouse::watchlist
