// What the document service publishes: gatehouse.document.trust.v1.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/events/event.h"
#include "services/document/ports.h"

namespace gatehouse::document {

struct EventBody {
  std::string type;  // "trust_imported"
  std::string data_schema;
  std::string data;
};

// What a change of the trust store tells: trust_imported, trust_accepted or trust_rejected, and trust_version_changed
// when verification uses another store from now on.
std::vector<EventBody> EventsOf(const TrustChange& change, const std::vector<TrustFile>& files);
events::Event ToEvent(EventBody body, absl::Time time, std::string event_id);

}  // namespace gatehouse::document
