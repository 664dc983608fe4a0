// What the document service publishes: gatehouse.document.trust.v1.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/events/event.h"
#include "services/document/ports.h"

namespace gatehouse::document {

events::Event TrustImportedEvent(const std::vector<TrustFile>& files, absl::Time time, std::string event_id);

}  // namespace gatehouse::document
