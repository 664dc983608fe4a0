#include "libs/mrz/dates.h"

#include <cstdlib>
#include <utility>

#include "libs/mrz/check_digit.h"

namespace gatehouse::mrz {
namespace {

constexpr size_t kDateSize = 6;
constexpr int kUnknownPart = -1;
constexpr int kMalformedPart = -2;

struct Parts {
  int year;  // within its century
  int month;
  int day;

  bool malformed() const { return year == kMalformedPart || month == kMalformedPart || day == kMalformedPart; }
};

int ReadPart(std::string_view yymmdd, size_t at) {
  const char tens = yymmdd[at];
  const char ones = yymmdd[at + 1];
  if (IsDigit(tens) && IsDigit(ones)) return (tens - '0') * 10 + (ones - '0');
  return tens == kFiller && ones == kFiller ? kUnknownPart : kMalformedPart;
}

Parts Read(std::string_view yymmdd) {
  if (yymmdd.size() != kDateSize) return {kMalformedPart, kMalformedPart, kMalformedPart};
  return {ReadPart(yymmdd, 0), ReadPart(yymmdd, 2), ReadPart(yymmdd, 4)};
}

// The date in the century that starts at `century`; empty when that century has no such day.
base::PartialDate InCentury(const Parts& parts, int century) {
  base::PartialDate date;
  if (parts.year >= 0) date.year = century + parts.year;
  if (parts.month >= 0) date.month = parts.month;
  // A day without its month says nothing a calendar could hold.
  if (parts.day >= 0 && parts.month >= 0) date.day = parts.day;
  return base::IsPossible(date) ? date : base::PartialDate{};
}

// The first day the date may mean.
absl::CivilDay Earliest(const base::PartialDate& date) {
  return absl::CivilDay(date.year, date.month == 0 ? 1 : date.month, date.day == 0 ? 1 : date.day);
}

int CenturyOf(absl::CivilDay day) { return static_cast<int>(day.year() / 100 * 100); }

}  // namespace

bool HasDateCharacters(std::string_view yymmdd) {
  bool legal = yymmdd.size() == kDateSize;
  for (const char c : yymmdd) legal &= IsDigit(c) || c == kFiller;
  return legal;
}

bool IsPossibleDate(std::string_view yymmdd) {
  constexpr int kDaysOfMonth[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const Parts parts = Read(yymmdd);
  if (parts.malformed()) return false;
  if (parts.month == 0 || parts.month > 12 || parts.day == 0 || parts.day > 31) return false;
  if (parts.month == kUnknownPart || parts.day == kUnknownPart) return true;
  if (parts.day > kDaysOfMonth[parts.month - 1]) return false;
  // Year 00 had its 29th of February in one of two centuries, which is enough here.
  return parts.month != 2 || parts.day != 29 || parts.year == kUnknownPart || parts.year % 4 == 0;
}

DateReading ReadBirthDate(std::string_view yymmdd, absl::CivilDay today) {
  if (!IsPossibleDate(yymmdd)) return {};
  const Parts parts = Read(yymmdd);
  if (parts.year == kUnknownPart) return {InCentury(parts, 0), std::nullopt};
  DateReading reading;
  for (int century = CenturyOf(today); century >= CenturyOf(today) - 200; century -= 100) {
    const base::PartialDate date = InCentury(parts, century);
    if (date.empty() || Earliest(date) > today) continue;
    if (reading.date.empty()) {
      reading.date = date;
    } else {
      if (today.year() - date.year <= kOldestBearerYears) reading.other = date;
      break;
    }
  }
  return reading;
}

DateReading ReadExpiryDate(std::string_view yymmdd, absl::CivilDay today, const base::PartialDate& birth) {
  if (!IsPossibleDate(yymmdd)) return {};
  const Parts parts = Read(yymmdd);
  if (parts.year == kUnknownPart) return {InCentury(parts, 0), std::nullopt};
  const auto distance = [today](const base::PartialDate& date) { return std::abs(Earliest(date) - today); };
  base::PartialDate nearest, next;
  for (int century = CenturyOf(today) - 100; century <= CenturyOf(today) + 100; century += 100) {
    const base::PartialDate date = InCentury(parts, century);
    if (date.empty() || (birth.year != 0 && Earliest(date) < Earliest(birth))) continue;
    if (nearest.empty() || distance(date) < distance(nearest)) {
      next = std::exchange(nearest, date);
    } else if (next.empty() || distance(date) < distance(next)) {
      next = date;
    }
  }
  DateReading reading{nearest, std::nullopt};
  if (!next.empty() && std::abs(next.year - today.year()) <= kFurthestExpiryYears) reading.other = next;
  return reading;
}

}  // namespace gatehouse::mrz
