#include "services/document/cross_checks.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/details.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/transliterate.h"
#include "services/document/mrz_comparison.h"

namespace gatehouse::document {
namespace {

using emrtd::CheckGroup;
using emrtd::Tr03135Check;
using emrtd::Tr03135State;

// A document is personalised within days of the date it bears as that of issue; weeks are seen, years are not.
constexpr int kIssueToleranceDays = 180;

Tr03135Check Result(std::string_view id, Tr03135State state, std::string detail, std::string_view rule) {
  return {std::string(id), state, std::move(detail), CheckGroup::kCombined, {.rule = rule}};
}

bool IsRead(const std::optional<mrz::ParsedMrz>& zone) { return zone && zone->format() != mrz::Format::kUnknown; }

// The names of fields that differ, collected.
class Differences {
 public:
  void Add(const char* field, bool same) {
    ++compared_;
    if (!same) absl::StrAppend(&names_, names_.empty() ? "" : ", ", field);
  }
  Tr03135Check Check(std::string_view id, std::string_view rule) const {
    if (compared_ == 0) return Result(id, Tr03135State::kUndetermined, "no field could be compared", rule);
    if (!names_.empty()) return Result(id, Tr03135State::kFailed, "differs: " + names_, rule);
    return Result(id, Tr03135State::kSuccessful, absl::StrCat(compared_, " fields agree"), rule);
  }

 private:
  int compared_ = 0;
  std::string names_;
};

bool IsDate(const base::PartialDate& printed, const mrz::DateReading& in_zone) {
  return printed == in_zone.date || (in_zone.other && printed == *in_zone.other);
}

// The full name and the full date of birth, which also tells the century, against DG1.
Tr03135Check PersonalDetails(const CrossCheckInput& input) {
  constexpr std::string_view kId = "data_group_11_against_data_group_1";
  constexpr std::string_view kRule = "Doc 9303-10 section 4.7.11";
  if (input.data_group_11.empty()) return Result(kId, Tr03135State::kNotSupported, "no DG11 was read", kRule);
  if (!IsRead(*input.chip_zone)) return Result(kId, Tr03135State::kUndetermined, "DG1 was not read", kRule);
  const absl::StatusOr<emrtd::PersonalDetails> details = emrtd::ReadDataGroup11(input.data_group_11);
  if (!details.ok()) return Result(kId, Tr03135State::kUndetermined, "DG11 cannot be read", kRule);
  const mrz::ParsedMrz& zone = **input.chip_zone;
  Differences differences;
  if (details->birth_date && details->birth_date->Reveal().date) {
    const absl::CivilDay today = absl::ToCivilDay(input.check_time, absl::UTCTimeZone());
    differences.Add("birth_date",
                    IsDate(*details->birth_date->Reveal().date, mrz::ReadBirthDate(zone.birth_date(), today)));
  }
  if (details->full_name) {
    // National characters that no table spells are not compared.
    const absl::StatusOr<bool> same = mrz::MayBeSpelled(details->full_name->Reveal(), zone.name(), /*truncated=*/true);
    if (same.ok()) differences.Add("name", *same);
  }
  return differences.Check(kId, kRule);
}

// The date of issue that DG12 states against the time of signing.
Tr03135Check IssueDate(const CrossCheckInput& input) {
  constexpr std::string_view kId = "data_group_12_issue_date";
  constexpr std::string_view kRule = "Doc 9303-10 section 4.7.12, Doc 9303-12 section 7.1";
  if (input.data_group_12.empty()) return Result(kId, Tr03135State::kNotSupported, "no DG12 was read", kRule);
  const std::optional<base::PartialDate> issued = emrtd::ReadDateOfIssue(input.data_group_12);
  if (!issued || !issued->complete()) return Result(kId, Tr03135State::kNotSupported, "DG12 states no day", kRule);
  const absl::CivilDay day = issued->ToCivilDay();
  if (day > absl::ToCivilDay(input.check_time, absl::UTCTimeZone()) + 1) {
    return Result(kId, Tr03135State::kFailed, "issued in the future", kRule);
  }
  if (!input.chip->signing_time) {
    return Result(kId, Tr03135State::kNotSupported, "no time of signing to compare with", kRule);
  }
  const int64_t apart = day - absl::ToCivilDay(*input.chip->signing_time, absl::UTCTimeZone());
  if (std::abs(apart) > kIssueToleranceDays) {
    return Result(kId, Tr03135State::kUndetermined, absl::StrCat(std::abs(apart), " days from the signing"), kRule);
  }
  return Result(kId, Tr03135State::kSuccessful, "issued about when the chip was signed", kRule);
}

// Numbers are letters and digits, and not one character over and over.
Tr03135Check NumberPlausibility(const CrossCheckInput& input) {
  constexpr std::string_view kId = "document_number_plausibility";
  constexpr std::string_view kRule = "Doc 9303-3 section 4.7";
  if (!IsRead(*input.zone)) return Result(kId, Tr03135State::kUndetermined, "no zone was read", kRule);
  const std::string_view number = (*input.zone)->document_number();
  if (number.empty()) return Result(kId, Tr03135State::kFailed, "there is no document number", kRule);
  const bool one_character = number.size() > 3 && number.find_first_not_of(number.front()) == std::string_view::npos;
  if (one_character) return Result(kId, Tr03135State::kUndetermined, "one character over and over", kRule);
  return Result(kId, Tr03135State::kSuccessful, "", kRule);
}

// What is printed in full against what the zone can hold of it; nothing when it cannot be spelled in its letters.
std::optional<bool> IsName(const VisualZone& printed, const mrz::ParsedMrz& zone) {
  const absl::StatusOr<bool> primary =
      mrz::MayBeSpelled(printed.primary_identifier, zone.primary_identifier(), zone.name_truncated());
  if (!primary.ok()) return std::nullopt;
  if (!*primary || printed.secondary_identifier.empty()) return *primary;
  const absl::StatusOr<bool> secondary =
      mrz::MayBeSpelled(printed.secondary_identifier, zone.secondary_identifier(), zone.name_truncated());
  if (!secondary.ok()) return std::nullopt;
  return *secondary;
}

std::string OnlyLettersAndDigits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) out.push_back(absl::ascii_toupper(c));
  }
  return out;
}

Tr03135Check VisualZoneComparison(const CrossCheckInput& input) {
  constexpr std::string_view kId = "visual_zone_comparison";
  constexpr std::string_view kRule = "TR-03135 sections 5.7.3.1 and 5.7.5";
  if (!*input.visual_zone) return emrtd::NotDone(std::string(kId), CheckGroup::kCombined, "no visual zone was given");
  if (!IsRead(*input.zone)) return Result(kId, Tr03135State::kUndetermined, "no zone was read to compare", kRule);
  const VisualZone& printed = **input.visual_zone;
  const mrz::ParsedMrz& zone = **input.zone;
  const absl::CivilDay today = absl::ToCivilDay(input.check_time, absl::UTCTimeZone());
  const mrz::DateReading birth = mrz::ReadBirthDate(zone.birth_date(), today);
  Differences differences;
  if (!printed.document_number.empty()) {
    differences.Add("document_number", OnlyLettersAndDigits(printed.document_number) == zone.document_number());
  }
  if (!printed.issuing_state.empty()) {
    const bool germany = printed.issuing_state == "DEU" && zone.issuing_state() == "D";
    differences.Add("issuing_state", germany || printed.issuing_state == zone.issuing_state());
  }
  if (!printed.nationality.empty()) {
    const bool germany = printed.nationality == "DEU" && zone.nationality() == "D";
    differences.Add("nationality", germany || printed.nationality == zone.nationality());
  }
  if (!printed.primary_identifier.empty()) {
    if (const std::optional<bool> same = IsName(printed, zone)) differences.Add("name", *same);
  }
  if (printed.birth_date.year != 0) differences.Add("birth_date", IsDate(printed.birth_date, birth));
  if (printed.expiry_date.year != 0) {
    differences.Add("expiry_date",
                    IsDate(printed.expiry_date, mrz::ReadExpiryDate(zone.expiry_date(), today, birth.date)));
  }
  if (printed.sex != mrz::Sex::kUnspecified) {
    const bool unspecified = printed.sex == mrz::Sex::kX && zone.sex() == mrz::Sex::kUnspecified;
    differences.Add("sex", unspecified || printed.sex == zone.sex());
  }
  return differences.Check(kId, kRule);
}

// The bearer of the passport against the one the visa was given to. A visa has a number of its own.
Tr03135Check VisaComparison(const CrossCheckInput& input) {
  constexpr std::string_view kId = "visa_comparison";
  constexpr std::string_view kRule = "TR-03135 sections 5.7.4.1 and 5.7.4.2";
  if (input.visa_mrz.empty()) return emrtd::NotDone(std::string(kId), CheckGroup::kCombined, "no visa was presented");
  const mrz::ParsedMrz visa = mrz::Parse(input.visa_mrz);
  if (visa.format() == mrz::Format::kUnknown) {
    return Result(kId, Tr03135State::kUndetermined, "the zone of the visa could not be read", kRule);
  }
  if (!visa.valid()) return Result(kId, Tr03135State::kFailed, "the zone of the visa has a wrong check digit", kRule);
  if (!IsRead(*input.zone)) return Result(kId, Tr03135State::kUndetermined, "no zone was read to compare", kRule);
  const mrz::ParsedMrz& zone = **input.zone;
  Differences differences;
  differences.Add("name", CompareNames(visa.name(), visa.name_truncated(), zone.name(), zone.name_truncated()) !=
                              FieldGrade::kDifferent);
  differences.Add("birth_date", visa.birth_date() == zone.birth_date());
  differences.Add("sex", visa.sex() == zone.sex());
  differences.Add("nationality", visa.nationality() == zone.nationality());
  return differences.Check(kId, kRule);
}

}  // namespace

std::vector<Tr03135Check> CrossChecks(const CrossCheckInput& input) {
  return {PersonalDetails(input), IssueDate(input), NumberPlausibility(input), VisualZoneComparison(input),
          VisaComparison(input)};
}

}  // namespace gatehouse::document
