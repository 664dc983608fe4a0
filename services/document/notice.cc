#include "services/document/notice.h"

#include <array>

#include "libs/mrz/check_digit.h"

namespace gatehouse::document {
namespace {

// -1, 0 or 1; 0 as soon as a part of either is unknown.
int Compare(const base::PartialDate& a, const base::PartialDate& b) {
  for (const auto part : {&base::PartialDate::year, &base::PartialDate::month, &base::PartialDate::day}) {
    if (a.*part == 0 || b.*part == 0) return 0;
    if (a.*part != b.*part) return a.*part < b.*part ? -1 : 1;
  }
  return 0;
}

}  // namespace

std::string_view ToWord(NoticeKind kind) {
  constexpr std::array<std::string_view, 5> kWords = {"reference_specimen", "counterfeit", "stolen_blank", "impostor",
                                                      "alteration"};
  return kWords[static_cast<size_t>(kind)];
}

std::optional<NoticeKind> NoticeKindOf(std::string_view word) {
  for (const NoticeKind kind : {NoticeKind::kReferenceSpecimen, NoticeKind::kCounterfeit, NoticeKind::kStolenBlank,
                                NoticeKind::kImpostor, NoticeKind::kAlteration}) {
    if (word == ToWord(kind)) return kind;
  }
  return std::nullopt;
}

bool FitsPattern(std::string_view number, std::string_view pattern) {
  if (number.size() != pattern.size()) return false;
  for (size_t i = 0; i < number.size(); ++i) {
    if (pattern[i] == kAnyCharacter || pattern[i] == number[i]) continue;
    if (pattern[i] != kAnyDigit || !mrz::IsDigit(number[i])) return false;
  }
  return true;
}

bool MayLieBetween(const base::PartialDate& date, const base::PartialDate& from, const base::PartialDate& until) {
  return Compare(date, from) >= 0 && Compare(date, until) <= 0;
}

}  // namespace gatehouse::document
