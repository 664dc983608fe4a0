#include "services/document/events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_events.pb.h"

namespace gatehouse::document {
namespace {

template <typename Message>
EventBody Body(const char* type, const Message& payload) {
  return {.type = type,
          .data_schema = std::string(Message::descriptor()->full_name()),
          .data = payload.SerializeAsString()};
}

}  // namespace

std::vector<EventBody> EventsOf(const TrustChange& change, const std::vector<TrustFile>& files) {
  std::vector<EventBody> bodies;
  if (change.cause == TrustCause::kImport || change.cause == TrustCause::kPack) {
    v1::TrustImported payload;
    for (const TrustFile& file : files) {
      v1::TrustImported::File* item = payload.add_files();
      item->set_name(file.name);
      item->set_sha256(file.sha256);
    }
    payload.set_imported_by(change.by.identity);
    payload.set_import_id(change.import_id);
    payload.set_pending(change.pending);
    bodies.push_back(Body("trust_imported", payload));
  } else if (change.cause == TrustCause::kAccept) {
    v1::TrustAccepted payload;
    payload.set_import_id(change.import_id);
    payload.set_accepted_by(change.by.identity);
    bodies.push_back(Body("trust_accepted", payload));
  } else if (change.cause == TrustCause::kReject) {
    v1::TrustRejected payload;
    payload.set_import_id(change.import_id);
    payload.set_rejected_by(change.by.identity);
    payload.set_reason(change.note);
    bodies.push_back(Body("trust_rejected", payload));
  }
  if (change.added + change.removed > 0) {
    v1::TrustVersionChanged payload;
    payload.set_number(change.version_number);
    payload.set_trust_version(change.trust_version);
    payload.set_cause(std::string(ToWord(change.cause)));
    payload.set_import_id(change.import_id);
    payload.set_added(change.added);
    payload.set_removed(change.removed);
    bodies.push_back(Body("trust_version_changed", payload));
  }
  return bodies;
}

events::Event ToEvent(EventBody body, absl::Time time, std::string event_id) {
  return {.id = std::move(event_id),
          .type = absl::StrCat("gatehouse.document.", body.type, ".v1"),
          .source = "//gatehouse/document",
          .subject = "trust",
          .time = time,
          .data_schema = std::move(body.data_schema),
          .topic = "gatehouse.document.trust.v1",
          .data = std::move(body.data)};
}

}  // namespace gatehouse::document
