// Corrections: which fields a crossing may be corrected in, in what form, and the crossing as it reads with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/traveller/crossing.h"

namespace gatehouse::traveller {

// 1 to 16 characters A-Z 0-9 -.
bool IsPostCode(std::string_view text);
// At most 32 printable ASCII characters; may be empty.
bool IsConveyance(std::string_view text);

// direction, post, conveyance, crossing_time, outcome.
std::optional<CorrectedField> FindCorrectedField(std::string_view word);
std::string_view CorrectedFieldWord(CorrectedField field);

// Empty when `value` is a possible value of `field`, else what it must be: entry|exit, a post code, a conveyance, an
// RFC 3339 time, admitted|refused.
std::string_view CheckCorrection(CorrectedField field, std::string_view value);

// The passage with the corrections applied, oldest first, so that the newest one of a field stands.
Passage Corrected(const Crossing& crossing);

}  // namespace gatehouse::traveller
