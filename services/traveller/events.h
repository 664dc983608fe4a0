// What the traveller service publishes. gatehouse.traveller.crossing.v1, keyed by the crossing: ids in the clear, the
// identity sealed under the person, so that erasing the person erases it in the stream too.
// gatehouse.traveller.person.v1, keyed by the person: that a person was erased.
#pragma once

#include <string>

#include "libs/events/event.h"
#include "services/traveller/crossing.h"
#include "services/traveller/erasure.h"

namespace gatehouse::traveller {

inline constexpr char kCrossingTopic[] = "gatehouse.traveller.crossing.v1";
inline constexpr char kPersonTopic[] = "gatehouse.traveller.person.v1";

// The context under which the identity of an event is sealed.
inline constexpr char kEventIdentityContext[] = "gatehouse.traveller.crossing.v1.identity";

events::Event CrossingRecordedEvent(std::string event_id, const Crossing& crossing, std::string sealed_identity);

// `version`: the crossing is version 1, each correction adds one.
events::Event CrossingCorrectedEvent(std::string event_id, const CrossingId& crossing, const Correction& correction,
                                     int64_t version);

events::Event PersonErasedEvent(std::string event_id, const Erasure& erasure);

}  // namespace gatehouse::traveller
