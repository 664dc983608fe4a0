#include "services/document/notice_convert.h"

#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"

namespace gatehouse::document {
namespace {

void SetDate(const base::PartialDate& date, gatehouse::type::v1::PartialDate* (v1::Notice::*field)(), v1::Notice* out) {
  if (!date.empty()) *(out->*field)() = rpc::WriteDate(date);
}

absl::Status Damaged() { return absl::DataLossError("a kept notice does not read"); }

absl::Status ReadDate(const gatehouse::type::v1::PartialDate& date, base::PartialDate& out) {
  const absl::StatusOr<base::PartialDate> read = rpc::ReadDate(date, "date");
  if (!read.ok()) return Damaged();
  out = *read;
  return absl::OkStatus();
}

}  // namespace

void ToProto(const Notice& notice, v1::Notice* out) {
  out->set_id(notice.id);
  out->set_kind(std::string(ToWord(notice.kind)));
  out->set_issuing_state(notice.issuing_state);
  out->set_document_code(notice.document_code);
  out->set_model(notice.model);
  out->set_series(notice.series);
  for (const NumberRange& range : notice.number_ranges) {
    v1::NumberRange* item = out->add_number_ranges();
    item->set_first(range.first);
    item->set_last(range.last);
  }
  for (const std::string& pattern : notice.number_patterns) out->add_number_patterns(pattern);
  SetDate(notice.expiry_from, &v1::Notice::mutable_expiry_from, out);
  SetDate(notice.expiry_until, &v1::Notice::mutable_expiry_until, out);
  SetDate(notice.valid_from, &v1::Notice::mutable_valid_from, out);
  SetDate(notice.valid_until, &v1::Notice::mutable_valid_until, out);
  for (const NoticeFeature& feature : notice.features) {
    v1::NoticeFeature* item = out->add_features();
    item->set_name(feature.name);
    item->set_place(feature.place);
    item->set_expected(feature.expected);
    if (feature.image.format.empty()) continue;
    item->mutable_image()->set_format(feature.image.format);
    item->mutable_image()->set_content(feature.image.content);
  }
  out->set_look_here(notice.look_here);
  out->set_source(notice.source);
}

absl::StatusOr<Notice> FromProto(const v1::Notice& message) {
  const std::optional<NoticeKind> kind = NoticeKindOf(message.kind());
  if (!kind) return Damaged();
  Notice notice{.id = message.id(),
                .kind = *kind,
                .issuing_state = message.issuing_state(),
                .document_code = message.document_code(),
                .model = message.model(),
                .series = message.series(),
                .number_patterns = {message.number_patterns().begin(), message.number_patterns().end()},
                .look_here = message.look_here(),
                .source = message.source()};
  for (const v1::NumberRange& range : message.number_ranges()) {
    notice.number_ranges.push_back({range.first(), range.last()});
  }
  GH_RETURN_IF_ERROR(ReadDate(message.expiry_from(), notice.expiry_from));
  GH_RETURN_IF_ERROR(ReadDate(message.expiry_until(), notice.expiry_until));
  GH_RETURN_IF_ERROR(ReadDate(message.valid_from(), notice.valid_from));
  GH_RETURN_IF_ERROR(ReadDate(message.valid_until(), notice.valid_until));
  for (const v1::NoticeFeature& feature : message.features()) {
    notice.features.push_back({.name = feature.name(),
                               .place = feature.place(),
                               .expected = feature.expected(),
                               .image = {.format = feature.image().format(), .content = feature.image().content()}});
  }
  return notice;
}

void ToProto(const NoticeOrigin& origin, v1::Notice* out) {
  out->set_import_number(origin.import_number);
  out->set_issuer(origin.issuer);
}

void ToProto(const NoticeImport& made, v1::NoticeImport* out) {
  out->set_number(made.number);
  out->set_import_id(made.import_id);
  out->set_imported_by(made.imported_by);
  if (made.number != 0) *out->mutable_import_time() = rpc::WriteTime(made.time);
  out->set_note(made.note);
  out->set_name(made.file_name);
  out->set_sha256(made.sha256);
  out->set_publisher(made.publisher);
  out->set_bundle_number(made.bundle_number);
  out->set_signer(made.signer);
  out->set_issuer(made.issuer);
  out->set_added(made.added);
  out->set_replaced(made.replaced);
  out->set_refused(made.refused);
}

void ToProto(const NoticeRefusal& refusal, v1::NoticeRefusal* out) {
  out->set_row(static_cast<int32_t>(refusal.row));
  out->set_id(refusal.id);
  out->set_reason(refusal.reason);
}

void ToProto(const NoticeCount& count, v1::NoticeStatistics* out) {
  out->set_id(count.notice_id);
  out->set_matches(count.matches);
  *out->mutable_first_match_time() = rpc::WriteTime(count.first);
  *out->mutable_last_match_time() = rpc::WriteTime(count.last);
}

}  // namespace gatehouse::document
