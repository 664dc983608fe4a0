// The printed machine-readable zone against the one in DG1, field by field, with how they differ (TR-03135 section
// 5.6.5). Only names of fields and grades are told, never what stands in them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "libs/emrtd/tr03135.h"
#include "libs/mrz/parse.h"

namespace gatehouse::document {

enum class FieldGrade {
  kIdentical,
  kEquivalent,  // the same by the rules of Doc 9303-3: fillers, transliterations the tables allow, D for D<<
  kTruncated,   // one name is the other, cut where its field ended
  kConfusable,  // differs only in characters that readers take for one another: O and 0, I and 1 ...
  kDifferent,
};
std::string_view ToWord(FieldGrade grade);

struct FieldComparison {
  std::string_view field;  // "document_number"; a literal
  FieldGrade grade = FieldGrade::kDifferent;
};

// Every field both zones have, in the order of the zone.
std::vector<FieldComparison> CompareFields(const mrz::ParsedMrz& printed, const mrz::ParsedMrz& chip);

// Names as identifiers of the zone ("MUELLER", "ANNA MARIA") or fields with fillers. kConfusable is not looked for.
FieldGrade CompareNames(std::string_view one, bool one_truncated, std::string_view other, bool other_truncated);

// The check mrz_dg1_comparison, and the fields in `fields` where they were compared.
emrtd::Tr03135Check CheckMrzAgainstChip(const std::optional<mrz::ParsedMrz>& printed,
                                        const std::optional<mrz::ParsedMrz>& chip, bool has_chip,
                                        std::vector<FieldComparison>& fields);

}  // namespace gatehouse::document
