// The dates of the zone: YYMMDD, Doc 9303-3 section 4.8. Two digits tell no century, so a reading needs a reference
// day, given by the caller.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "libs/base/partial_date.h"

namespace gatehouse::mrz {

// The oldest bearer we reckon with: an age beyond every verified one.
inline constexpr int kOldestBearerYears = 125;

// Six digits or fillers, whatever they say. Letters are not allowed even where their check digit agrees.
bool HasDateCharacters(std::string_view yymmdd);

// True when some century makes it a date; each of year, month and day may be unknown (`<<`), not half known.
bool IsPossibleDate(std::string_view yymmdd);

// A date with its century resolved. `other` is the second century that fits, when one does: the full date of DG11 or
// the officer decides. Both empty when the text is no date or nothing of it is known.
struct DateReading {
  base::PartialDate date;
  std::optional<base::PartialDate> other;
};

// The latest such date not after `today`; `other` is a hundred years before, when a bearer can be that old.
DateReading ReadBirthDate(std::string_view yymmdd, absl::CivilDay today);

// No document is further from its expiry: a reading beyond this is none.
inline constexpr int kFurthestExpiryYears = 60;

// The date nearest to `today` that is after `birth` (where known); `other` is the next nearest such date, when it is
// within kFurthestExpiryYears: of a year about half a century away both centuries fit.
DateReading ReadExpiryDate(std::string_view yymmdd, absl::CivilDay today, const base::PartialDate& birth);

}  // namespace gatehouse::mrz
