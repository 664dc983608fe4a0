// Made-up persons of several cultures. Travellers and listed persons draw from disjoint halves of the tables, so that
// nobody without a fault resembles somebody on the list by accident.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tools/specimen/seeded_random.h"
#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {

enum class Pool { kTravellers, kListed };

// A person of 5 to 84 years on `today` (a listed one of 20 to 79), of Utopia.
Holder MakeHolder(SeededRandom& random, Pool pool, absl::CivilDay today);

// All surnames and given names that `pool` may use.
std::vector<std::string> NamesOf(Pool pool);

}  // namespace gatehouse::specimen
