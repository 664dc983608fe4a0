// What a birth date on a list and one in a document say about each other, with the precision each was given in.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "libs/base/partial_date.h"

namespace gatehouse::names {

// A listed birth: a date with perhaps unknown parts, or a span of years. Lists give several for one person.
struct ListedBirth {
  base::PartialDate date;    // empty when only the span is known
  int from_year = 0;         // 0: no span
  int to_year = 0;           // inclusive
  bool approximate = false;  // "circa"
  friend bool operator==(const ListedBirth&, const ListedBirth&) = default;
};

// From strong agreement to contradiction. Both precisions count: a year that agrees with a year says less than a full
// date does.
enum class BirthEvidence : uint8_t {
  kUnknown,       // one side says nothing
  kFullDate,      // day, month and year agree
  kPlaceholder,   // they agree, on 1 January: half of such dates mean "year only"
  kYearMonth,     // year and month agree, a day is unknown
  kYear,          // year agrees, the rest is unknown on one side, or is 1 January
  kSwapped,       // day and month changed places
  kNearDate,      // one part of a full date differs (day, month, or the year by one)
  kNearYear,      // the year is off by one; or within two of an approximate one
  kInSpan,        // the year lies in the listed span
  kSameYearOnly,  // full dates share no more than the year
  kFewYearsOff,   // two to five years apart
  kContradicts,   // more
};
std::string_view BirthEvidenceName(BirthEvidence evidence);

// `seen` is the traveller's. Of several listed births the caller takes the one with the best gain (identity_score.h).
BirthEvidence CompareBirth(const base::PartialDate& seen, const ListedBirth& listed);

}  // namespace gatehouse::names
