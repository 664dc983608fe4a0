#include "services/watchlist/events.h"

#include <utility>

#include "gatehouse/watchlist/v1/watchlist_events.pb.h"

namespace gatehouse::watchlist {
namespace {

events::Event MakeEvent(const google::protobuf::Message& payload, const char* type, const std::string& base,
                        absl::Time time, std::string event_id) {
  return {.id = std::move(event_id),
          .type = type,
          .source = "//gatehouse/watchlist",
          .subject = base,
          .time = time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = "gatehouse.watchlist.base.v1",
          .data = payload.SerializeAsString()};
}

}  // namespace

events::Event ImportedEvent(const StoredBase& base, const std::string& version_id, std::string event_id) {
  v1::ListImported payload;
  payload.set_base(base.content.base);
  payload.set_data_version(base.content.version);
  payload.set_version_date(base.content.published);
  payload.set_version_id(version_id);
  payload.set_records(static_cast<int32_t>(base.content.records.size() + base.content.documents.size()));
  payload.set_rejected(static_cast<int32_t>(base.rejected));
  payload.set_imported_by(base.imported_by);
  payload.set_accepted_by(base.accepted_by);
  return MakeEvent(payload, "gatehouse.watchlist.list_imported.v1", base.content.base, base.content.imported_at,
                   std::move(event_id));
}

events::Event StagedEvent(const StagedImport& staged, std::string event_id) {
  v1::ListStaged payload;
  payload.set_base(staged.base);
  payload.set_staged_id(staged.id);
  payload.set_data_version(staged.version);
  for (const std::string& reason : staged.reasons) payload.add_reasons(reason);
  payload.set_imported_by(staged.imported_by.identity);
  return MakeEvent(payload, "gatehouse.watchlist.list_staged.v1", staged.base, staged.imported_at, std::move(event_id));
}

events::Event DecidedEvent(const StagedImport& staged, std::string event_id) {
  v1::StagedImportDecided payload;
  payload.set_base(staged.base);
  payload.set_staged_id(staged.id);
  payload.set_accepted(staged.state != StagedState::kRejected);
  payload.set_decided_by(payload.accepted() ? staged.accepted_by.back() : staged.rejected_by);
  payload.set_reason(staged.reject_reason);
  return MakeEvent(payload, "gatehouse.watchlist.staged_import_decided.v1", staged.base, staged.decided_at,
                   std::move(event_id));
}

events::Event ConfirmedEvent(const BaseHead& head, const Word& word, std::string event_id) {
  v1::BaseConfirmed payload;
  payload.set_base(head.base);
  payload.set_data_version(head.version);
  payload.set_confirmed_by(word.person);
  return MakeEvent(payload, "gatehouse.watchlist.base_confirmed.v1", head.base, word.time, std::move(event_id));
}

}  // namespace gatehouse::watchlist
