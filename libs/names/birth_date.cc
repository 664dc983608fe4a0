#include "libs/names/birth_date.h"

#include <cstdlib>

namespace gatehouse::names {
namespace {

bool IsPlaceholder(const base::PartialDate& date) { return date.month == 1 && date.day == 1; }

BirthEvidence CompareYears(int seen, const ListedBirth& listed) {
  const int low = listed.from_year != 0 ? listed.from_year : listed.date.year;
  const int high = listed.from_year != 0 ? listed.to_year : listed.date.year;
  if (low == 0) return BirthEvidence::kUnknown;
  if (seen >= low && seen <= high) return low == high ? BirthEvidence::kYear : BirthEvidence::kInSpan;
  const int off = seen < low ? low - seen : seen - high;
  if (off == 1 || (off == 2 && listed.approximate)) return BirthEvidence::kNearYear;
  return off <= 5 ? BirthEvidence::kFewYearsOff : BirthEvidence::kContradicts;
}

}  // namespace

std::string_view BirthEvidenceName(BirthEvidence evidence) {
  switch (evidence) {
    case BirthEvidence::kUnknown:
      return "unknown";
    case BirthEvidence::kFullDate:
      return "full date";
    case BirthEvidence::kPlaceholder:
      return "1 January of the year";
    case BirthEvidence::kYearMonth:
      return "year and month";
    case BirthEvidence::kYear:
      return "year";
    case BirthEvidence::kSwapped:
      return "day and month swapped";
    case BirthEvidence::kNearDate:
      return "one part differs";
    case BirthEvidence::kNearYear:
      return "year nearly";
    case BirthEvidence::kInSpan:
      return "year in span";
    case BirthEvidence::kSameYearOnly:
      return "year, other day";
    case BirthEvidence::kFewYearsOff:
      return "a few years off";
    case BirthEvidence::kContradicts:
      return "contradicts";
  }
  return "unknown";
}

BirthEvidence CompareBirth(const base::PartialDate& seen, const ListedBirth& listed) {
  const base::PartialDate& date = listed.date;
  if (seen.year == 0) return BirthEvidence::kUnknown;
  if (!seen.complete() || !date.complete()) {
    const BirthEvidence years = CompareYears(seen.year, listed);
    if (years != BirthEvidence::kYear || seen.month == 0 || date.month == 0) return years;
    return seen.month == date.month ? BirthEvidence::kYearMonth : BirthEvidence::kSameYearOnly;
  }
  if (seen == date) return IsPlaceholder(seen) ? BirthEvidence::kPlaceholder : BirthEvidence::kFullDate;
  const bool placeholder = IsPlaceholder(seen) || IsPlaceholder(date);
  const bool same_day = seen.day == date.day && seen.month == date.month;
  const bool part_of_day = seen.day == date.day || seen.month == date.month;
  if (seen.year == date.year) {
    if (placeholder) return BirthEvidence::kYear;
    if (seen.day == date.month && seen.month == date.day) return BirthEvidence::kSwapped;
    return part_of_day ? BirthEvidence::kNearDate : BirthEvidence::kSameYearOnly;
  }
  if (std::abs(seen.year - date.year) == 1 && same_day && !placeholder) return BirthEvidence::kNearDate;
  return CompareYears(seen.year, listed);
}

}  // namespace gatehouse::names
