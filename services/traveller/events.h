// What the traveller service publishes: gatehouse.traveller.crossing.v1, keyed by the crossing. Ids in the clear, the
// identity sealed under the person, so that erasing the person erases it in the stream too.
#pragma once

#include <string>

#include "libs/events/event.h"
#include "services/traveller/crossing.h"

namespace gatehouse::traveller {

inline constexpr char kCrossingTopic[] = "gatehouse.traveller.crossing.v1";

// The context under which the identity of an event is sealed.
inline constexpr char kEventIdentityContext[] = "gatehouse.traveller.crossing.v1.identity";

events::Event CrossingRecordedEvent(std::string event_id, const Crossing& crossing, std::string sealed_identity);

// `version`: the crossing is version 1, each correction adds one.
events::Event CrossingCorrectedEvent(std::string event_id, const CrossingId& crossing, const Correction& correction,
                                     int64_t version);

}  // namespace gatehouse::traveller
