// Two persons who may be one: somebody showed the document number of a person who is known by another identity. Numbers
// are reissued, misread and forged, and names change, so nothing follows from it by itself: the passage belongs to the
// identity that was shown, the persons stay two, and a supervisor looks.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "services/traveller/crossing.h"

namespace gatehouse::traveller {

inline constexpr int kMaxLinks = 20;  // shown with a traveller

using LinkId = base::StrongId<struct LinkIdTag>;

// How sure it is that both are one person.
enum class Confidence : uint8_t { kLow };  // a shared document number alone, under different identities

struct PersonLink {
  LinkId id;
  PersonId person;           // whose identity was shown
  PersonId document_person;  // whose document number it was
  Confidence confidence = Confidence::kLow;
  CrossingId crossing;  // the first that showed it
  absl::Time time;      // when that was recorded
};

}  // namespace gatehouse::traveller
