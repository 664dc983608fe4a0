// UUID version 7 (RFC 9562): 48 bits of milliseconds, then randomness; sorts by time of making. Ids of inspections,
// crossings, events and audit leaves are these, in the canonical lower-case text form of 36 characters.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/random.h"

namespace gatehouse::base {

// A new id. Two calls in one millisecond differ by 74 random bits; no order is promised between them.
std::string NewUuid(Clock& clock, Random& random);

// True for 36 characters of the canonical form, any version.
bool IsUuid(std::string_view text);

}  // namespace gatehouse::base
