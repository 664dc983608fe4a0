#include "services/watchlist/events.h"

#include <utility>

#include "gatehouse/watchlist/v1/watchlist_events.pb.h"

namespace gatehouse::watchlist {

events::Event ImportedEvent(const StoredBase& base, const std::string& version_id, std::string event_id) {
  v1::ListImported payload;
  payload.set_base(base.content.base);
  payload.set_data_version(base.content.version);
  payload.set_version_id(version_id);
  payload.set_records(static_cast<int32_t>(base.content.records.size() + base.content.documents.size()));
  payload.set_rejected(static_cast<int32_t>(base.rejected));
  payload.set_imported_by(base.imported_by);
  return {.id = std::move(event_id),
          .type = "gatehouse.watchlist.list_imported.v1",
          .source = "//gatehouse/watchlist",
          .subject = base.content.base,
          .time = base.content.imported_at,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = "gatehouse.watchlist.base.v1",
          .data = payload.SerializeAsString()};
}

}  // namespace gatehouse::watchlist
