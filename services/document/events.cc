#include "services/document/events.h"

#include <utility>

#include "gatehouse/document/v1/document_events.pb.h"

namespace gatehouse::document {

events::Event TrustImportedEvent(const std::vector<TrustFile>& files, absl::Time time, std::string event_id) {
  v1::TrustImported payload;
  for (const TrustFile& file : files) {
    v1::TrustImported::File* item = payload.add_files();
    item->set_name(file.name);
    item->set_sha256(file.sha256);
    payload.set_imported_by(file.imported_by);
  }
  return {.id = std::move(event_id),
          .type = "gatehouse.document.trust_imported.v1",
          .source = "//gatehouse/document",
          .subject = "trust",
          .time = time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = "gatehouse.document.trust.v1",
          .data = payload.SerializeAsString()};
}

}  // namespace gatehouse::document
