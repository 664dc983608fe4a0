#include "services/traveller/correction.h"

#include <algorithm>
#include <array>

#include "libs/base/check.h"

namespace gatehouse::traveller {
namespace {

struct FieldName {
  CorrectedField field;
  std::string_view word;
  std::string_view form;
};

constexpr std::array kFields = {
    FieldName{CorrectedField::kDirection, "direction", "must be entry or exit"},
    FieldName{CorrectedField::kPost, "post", "must be 1 to 16 characters A-Z 0-9 -"},
    FieldName{CorrectedField::kConveyance, "conveyance", "must be at most 32 printable characters"},
    FieldName{CorrectedField::kCrossingTime, "crossing_time", "must be a time such as 2026-03-01T08:30:00Z"},
    FieldName{CorrectedField::kOutcome, "outcome", "must be admitted or refused"},
};

const FieldName& Find(CorrectedField field) {
  const auto* found =
      std::find_if(kFields.begin(), kFields.end(), [field](const FieldName& name) { return name.field == field; });
  GH_CHECK(found != kFields.end());
  return *found;
}

bool ParseTime(std::string_view text, absl::Time& time) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, &error) &&
         time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

void Apply(const Correction& correction, Passage& passage) {
  switch (correction.field) {
    case CorrectedField::kDirection:
      passage.direction = correction.value == "entry" ? Direction::kEntry : Direction::kExit;
      return;
    case CorrectedField::kPost:
      passage.post = correction.value;
      return;
    case CorrectedField::kConveyance:
      passage.conveyance = correction.value;
      return;
    case CorrectedField::kCrossingTime:
      GH_CHECK(ParseTime(correction.value, passage.time));
      return;
    case CorrectedField::kOutcome:
      passage.outcome = correction.value == "admitted" ? CrossingOutcome::kAdmitted : CrossingOutcome::kRefused;
      return;
  }
}

}  // namespace

bool IsPostCode(std::string_view text) {
  return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool IsConveyance(std::string_view text) {
  return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<CorrectedField> FindCorrectedField(std::string_view word) {
  for (const FieldName& name : kFields) {
    if (name.word == word) return name.field;
  }
  return std::nullopt;
}

std::string_view CorrectedFieldWord(CorrectedField field) { return Find(field).word; }

std::string_view CheckCorrection(CorrectedField field, std::string_view value) {
  absl::Time time;
  bool possible = false;
  switch (field) {
    case CorrectedField::kDirection:
      possible = value == "entry" || value == "exit";
      break;
    case CorrectedField::kPost:
      possible = IsPostCode(value);
      break;
    case CorrectedField::kConveyance:
      possible = IsConveyance(value);
      break;
    case CorrectedField::kCrossingTime:
      possible = ParseTime(value, time);
      break;
    case CorrectedField::kOutcome:
      possible = value == "admitted" || value == "refused";
      break;
  }
  return possible ? std::string_view() : Find(field).form;
}

Passage Corrected(const Crossing& crossing) {
  Passage passage = crossing.passage;
  for (const Correction& correction : crossing.corrections) Apply(correction, passage);
  return passage;
}

}  // namespace gatehouse::traveller
