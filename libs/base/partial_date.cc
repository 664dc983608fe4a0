#include "libs/base/partial_date.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::base {
namespace {

// Two or four digits at `at`; -1 when a character is not a digit.
int Digits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

std::string PartialDate::ToString() const {
  if (empty()) return "";
  return absl::StrFormat("%04d-%02d-%02d", year, month, day);
}

bool IsPossible(const PartialDate& date) {
  if (date.year < 0 || date.year > 9999 || date.month < 0 || date.month > 12 || date.day < 0 || date.day > 31) {
    return false;
  }
  if (date.day != 0 && date.month == 0) return false;
  if (date.month != 0 && date.day != 0) {
    // An unknown year may have been a leap year.
    const absl::CivilDay day(date.year == 0 ? 2000 : date.year, date.month, date.day);
    return day.day() == date.day && day.month() == date.month;
  }
  return true;
}

absl::StatusOr<PartialDate> ParsePartialDate(std::string_view text) {
  const bool shape = text.size() == 4 || (text.size() == 7 && text[4] == '-') ||
                     (text.size() == 10 && text[4] == '-' && text[7] == '-');
  if (!shape)
    return absl::InvalidArgumentError("a date is written YYYY, YYYY-MM or YYYY-MM-DD, 00 for an unknown part");
  PartialDate date;
  date.year = Digits(text, 0, 4);
  if (text.size() >= 7) date.month = Digits(text, 5, 2);
  if (text.size() == 10) date.day = Digits(text, 8, 2);
  if (date.year < 0 || date.month < 0 || date.day < 0) {
    return absl::InvalidArgumentError("a date holds digits and hyphens only");
  }
  if (!IsPossible(date)) return absl::InvalidArgumentError("no such day in the calendar");
  return date;
}

}  // namespace gatehouse::base
