#include "libs/emrtd/seals/seal_date.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::emrtd::seals {
namespace {

constexpr size_t kDigits = 8;
// No seal and no bearer is from outside; a reading that gives another year has gone astray.
constexpr int kFirstYear = 1850, kLastYear = 2199;

std::string Digits(pki::Bytes three) { return absl::StrFormat("%08d", three[0] << 16 | three[1] << 8 | three[2]); }

// A part with unknown digits is possible when nothing known is out of the range.
bool PartIsPossible(std::string_view part, int first, int last) {
  if (part.find('x') != std::string_view::npos) return true;
  const int number = std::atoi(std::string(part).c_str());
  return number >= first && number <= last;
}

std::optional<absl::CivilDay> DayOf(const std::string& digits) {
  if (digits.size() != kDigits || digits.find('x') != std::string::npos) return std::nullopt;
  const int month = std::atoi(digits.substr(0, 2).c_str());
  const int day = std::atoi(digits.substr(2, 2).c_str());
  const int year = std::atoi(digits.substr(4).c_str());
  const absl::CivilDay civil(year, month, day);
  // CivilDay carries an overflow on; a date that changes by it was none.
  if (year < kFirstYear || year > kLastYear || civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

}  // namespace

bool SealDate::possible() const {
  if (day) return true;
  if (digits.size() != kDigits || digits.find('x') == std::string::npos) return false;
  return PartIsPossible(std::string_view(digits).substr(0, 2), 1, 12) &&
         PartIsPossible(std::string_view(digits).substr(2, 2), 1, 31);
}

std::string SealDate::text() const {
  if (!possible()) return digits;
  return absl::StrCat(digits.substr(4), "-", digits.substr(0, 2), "-", digits.substr(2, 2));
}

SealDate ReadSealDate(pki::Bytes bytes) {
  SealDate date;
  if (bytes.size() != 3) return date;
  date.digits = Digits(bytes);
  date.day = DayOf(date.digits);
  return date;
}

SealDate ReadMaskedDate(pki::Bytes bytes) {
  SealDate date;
  if (bytes.size() != 4) return date;
  date.digits = Digits(bytes.subspan(1));
  for (size_t i = 0; i < kDigits; ++i) {
    if ((bytes[0] & 0x80 >> i) != 0) date.digits[i] = 'x';
  }
  date.day = DayOf(date.digits);
  return date;
}

std::string WriteSealDate(absl::CivilDay day) {
  const int64_t number = day.month() * 1'000'000 + day.day() * 10'000 + day.year();
  return {static_cast<char>(number >> 16), static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string WriteMaskedDate(absl::CivilDay day) { return std::string(1, '\0') + WriteSealDate(day); }

}  // namespace gatehouse::emrtd::seals
