// What the inspection service publishes: gatehouse.inspection.inspection.v1, keyed by the inspection. Ids, words and
// codes only.
#pragma once

#include <cstdint>
#include <string>

#include "libs/events/event.h"
#include "services/inspection/inspection.h"

namespace gatehouse::inspection {

events::Event InspectionCompletedEvent(std::string event_id, const Inspection& inspection);
// `version`: the inspection is version 1, each decision adds one.
events::Event InspectionDecidedEvent(std::string event_id, const InspectionId& inspection, const Decision& decision,
                                     int64_t version);

}  // namespace gatehouse::inspection
