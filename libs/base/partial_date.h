// PartialDate: a calendar date of which the month, the day, or all parts may be unknown, as travel documents and lists
// carry them (Doc 9303-3 section 4.8: unknown parts of a date are fillers). Gregorian. 0 stands for unknown.
// Text form: YYYY, YYYY-MM, YYYY-MM-DD, with 00 (or 0000) for an unknown part.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace gatehouse::base {

struct PartialDate {
  int year = 0;   // 1..9999, 0 unknown
  int month = 0;  // 1..12, 0 unknown
  int day = 0;    // 1..31, 0 unknown

  bool empty() const { return year == 0 && month == 0 && day == 0; }
  bool complete() const { return year != 0 && month != 0 && day != 0; }

  // "1985-03-14", "1985-03-00", "1985-00-00"; "" when nothing is known.
  std::string ToString() const;
  // The civil day, when complete.
  absl::CivilDay ToCivilDay() const { return absl::CivilDay(year, month, day); }

  friend bool operator==(const PartialDate&, const PartialDate&) = default;
  friend auto operator<=>(const PartialDate&, const PartialDate&) = default;
};

// Accepts the text forms above; INVALID_ARGUMENT with the reason for anything else, impossible days (2023-02-30)
// included. A day without a month is refused.
absl::StatusOr<PartialDate> ParsePartialDate(std::string_view text);

// True when the known parts form a possible date.
bool IsPossible(const PartialDate& date);

}  // namespace gatehouse::base
