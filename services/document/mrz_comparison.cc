#include "services/document/mrz_comparison.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135Check;
using emrtd::Tr03135State;

constexpr char kId[] = "mrz_dg1_comparison";

// One character for all that readers of print take for one another.
char Shape(char c) {
  switch (c) {
    case '0':
    case 'Q':
    case 'D':
      return 'O';
    case '1':
    case 'L':
      return 'I';
    case '8':
      return 'B';
    case '5':
      return 'S';
    case '2':
      return 'Z';
    case '6':
      return 'G';
    case 'V':
      return 'U';
    default:
      return c;
  }
}

bool IsConfusable(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return Shape(a) == Shape(b); });
}

std::string WithoutFillers(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '<' && c != ' ') out.push_back(c);
  }
  return out;
}

std::vector<std::string> Components(std::string_view name) {
  return absl::StrSplit(absl::string_view(name.data(), name.size()), absl::ByAnyChar("< "), absl::SkipEmpty());
}

// The spellings that section 6 of Doc 9303-3 allows for one letter, made one: AE, A; OE, O; UE, UXX, U; AA, A; NXX, N.
std::string Reduced(std::string_view component) {
  std::string out;
  for (size_t i = 0; i < component.size(); ++i) {
    const char c = component[i];
    const std::string_view rest = component.substr(i + 1);
    out.push_back(c);
    if ((c == 'U' || c == 'N') && rest.substr(0, 2) == "XX") {
      i += 2;
    } else if ((c == 'A' || c == 'O' || c == 'U') && rest.substr(0, 1) == "E") {
      i += 1;
    } else if (c == 'A' && rest.substr(0, 1) == "A") {
      i += 1;
    }
  }
  return out;
}

bool AreCut(const std::vector<std::string>& shorter, const std::vector<std::string>& longer) {
  if (shorter.empty() || shorter.size() > longer.size()) return false;
  for (size_t i = 0; i < shorter.size(); ++i) {
    if (longer[i].compare(0, shorter[i].size(), shorter[i]) != 0) return false;
  }
  return true;
}

FieldGrade Grade(std::string_view printed, std::string_view chip) {
  if (printed == chip) return FieldGrade::kIdentical;
  if (WithoutFillers(printed) == WithoutFillers(chip)) return FieldGrade::kEquivalent;
  if (IsConfusable(printed, chip)) return FieldGrade::kConfusable;
  return FieldGrade::kDifferent;
}

FieldGrade GradeState(std::string_view printed, std::string_view chip) {
  const auto is_germany = [](std::string_view code) { return code == "D" || code == "DEU"; };
  if (printed != chip && is_germany(printed) && is_germany(chip)) return FieldGrade::kEquivalent;
  return Grade(printed, chip);
}

FieldGrade GradeSex(mrz::Sex printed, mrz::Sex chip) {
  if (printed == chip) return FieldGrade::kIdentical;
  // X is printed by some States where Doc 9303 has a filler.
  const auto unspecified = [](mrz::Sex sex) { return sex == mrz::Sex::kUnspecified || sex == mrz::Sex::kX; };
  return unspecified(printed) && unspecified(chip) ? FieldGrade::kEquivalent : FieldGrade::kDifferent;
}

FieldGrade GradeName(const mrz::ParsedMrz& printed, const mrz::ParsedMrz& chip) {
  const FieldGrade grade = CompareNames(printed.name(), printed.name_truncated(), chip.name(), chip.name_truncated());
  if (grade == FieldGrade::kDifferent && IsConfusable(printed.name(), chip.name())) return FieldGrade::kConfusable;
  return grade;
}

// A misread character breaks the check digit that covers it. Where the digit holds, the print says something else.
bool IsGuardedByDigit(std::string_view field, const mrz::CheckDigits& digits) {
  using mrz::CheckState;
  if (field == "document_number") return digits.number == CheckState::kValid;
  if (field == "birth_date") return digits.birth_date == CheckState::kValid;
  if (field == "expiry_date") return digits.expiry == CheckState::kValid;
  if (field == "optional_data_1") return digits.optional == CheckState::kValid;
  return false;
}

std::string Told(const std::vector<FieldComparison>& fields, FieldGrade grade) {
  std::string names;
  for (const FieldComparison& field : fields) {
    if (field.grade == grade) absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(field.field));
  }
  return names;
}

Tr03135Check Result(Tr03135State state, std::string detail) {
  return {kId, state, std::move(detail), emrtd::CheckGroup::kCombined, {.rule = "TR-03135 section 5.6.5"}};
}

}  // namespace

std::string_view ToWord(FieldGrade grade) {
  static constexpr std::array<std::string_view, 5> kWords = {"identical", "equivalent", "truncated", "confusable",
                                                             "different"};
  return kWords[static_cast<size_t>(grade)];
}

FieldGrade CompareNames(std::string_view one, bool one_truncated, std::string_view other, bool other_truncated) {
  if (one == other) return FieldGrade::kIdentical;
  std::vector<std::string> first = Components(one), second = Components(other);
  for (std::vector<std::string>* components : {&first, &second}) {
    for (std::string& component : *components) component = Reduced(component);
  }
  const auto joined = [](const std::vector<std::string>& components) {
    std::string all;
    for (const std::string& component : components) all += component;
    return all;
  };
  if (!first.empty() && joined(first) == joined(second)) return FieldGrade::kEquivalent;
  if (one_truncated && AreCut(first, second)) return FieldGrade::kTruncated;
  if (other_truncated && AreCut(second, first)) return FieldGrade::kTruncated;
  return FieldGrade::kDifferent;
}

std::vector<FieldComparison> CompareFields(const mrz::ParsedMrz& printed, const mrz::ParsedMrz& chip) {
  return {
      {"document_code", Grade(printed.document_code(), chip.document_code())},
      {"issuing_state", GradeState(printed.issuing_state(), chip.issuing_state())},
      {"name", GradeName(printed, chip)},
      {"document_number", Grade(printed.document_number(), chip.document_number())},
      {"nationality", GradeState(printed.nationality(), chip.nationality())},
      {"birth_date", Grade(printed.birth_date(), chip.birth_date())},
      {"sex", GradeSex(printed.sex(), chip.sex())},
      {"expiry_date", Grade(printed.expiry_date(), chip.expiry_date())},
      {"optional_data_1", Grade(printed.optional_data_1(), chip.optional_data_1())},
      {"optional_data_2", Grade(printed.optional_data_2(), chip.optional_data_2())},
  };
}

Tr03135Check CheckMrzAgainstChip(const std::optional<mrz::ParsedMrz>& printed,
                                 const std::optional<mrz::ParsedMrz>& chip, bool has_chip,
                                 std::vector<FieldComparison>& fields) {
  if (!has_chip) return Result(Tr03135State::kNotSupported, "the document has no chip, or it was not read");
  if (!printed) return Result(Tr03135State::kUndetermined, "no printed machine-readable zone was read");
  if (!chip) return Result(Tr03135State::kUndetermined, "DG1 was not read or holds no machine-readable zone");
  if (printed->format() == mrz::Format::kUnknown || chip->format() == mrz::Format::kUnknown) {
    return Result(Tr03135State::kUndetermined, "one of the two zones could not be read, so they were not compared");
  }
  fields = CompareFields(*printed, *chip);
  if (printed->text() == chip->text()) {
    return Result(Tr03135State::kSuccessful, "the printed zone is the one of the chip");
  }
  std::vector<FieldComparison> judged = fields;
  for (FieldComparison& field : judged) {
    if (field.grade == FieldGrade::kConfusable && IsGuardedByDigit(field.field, printed->check_digits())) {
      field.grade = FieldGrade::kDifferent;
    }
  }
  if (const std::string different = Told(judged, FieldGrade::kDifferent); !different.empty()) {
    return Result(Tr03135State::kFailed, absl::StrCat("differs from the chip: ", different));
  }
  if (const std::string confusable = Told(judged, FieldGrade::kConfusable); !confusable.empty()) {
    return Result(Tr03135State::kUndetermined, absl::StrCat("may be misread, read it again: ", confusable));
  }
  std::string detail;
  for (const FieldGrade grade : {FieldGrade::kEquivalent, FieldGrade::kTruncated}) {
    const std::string names = Told(judged, grade);
    if (names.empty()) continue;
    absl::StrAppend(&detail, detail.empty() ? "" : "; ", std::string(ToWord(grade)), ": ", names);
  }
  if (detail.empty()) return Result(Tr03135State::kFailed, "differs from the chip: optional data or a check digit");
  return Result(Tr03135State::kSuccessful, detail);
}

}  // namespace gatehouse::document
