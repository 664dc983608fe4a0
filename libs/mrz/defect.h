// What can be wrong with a machine-readable zone: a closed set of named findings. A finding says which field and why,
// in words for an officer; it never repeats the data.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::mrz {

enum class Defect : uint8_t {
  kTextTooLong,
  kUnknownFormat,
  kIllegalCharacter,
  kNumberCheckDigit,
  kLongNumberCheckDigit,
  kLongNumberFiller,
  kBirthDateCheckDigit,
  kExpiryCheckDigit,
  kOptionalCheckDigit,
  kCompositeCheckDigit,
  kBirthDateCharacters,
  kBirthDateImpossible,
  kExpiryCharacters,
  kExpiryImpossible,
  kDocumentCode,
  kNumberMissing,
  kIssuingState,
  kNationality,
  kSexX,
  kSexInvalid,
  kNameMissing,
  kNameCharacters,
  kNameSeparators,
};
inline constexpr int kDefectCount = static_cast<int>(Defect::kNameSeparators) + 1;

struct DefectInfo {
  std::string_view name;    // stable snake_case word of the interfaces
  std::string_view field;   // as in the parse-mrz output; "" for the whole zone
  std::string_view reason;  // for an officer
  // True when the zone does not read correctly (its format, its alphabet or a check digit); false for a note: data
  // that reads well but departs from Doc 9303.
  bool invalidates;
};
const DefectInfo& Describe(Defect defect);
inline std::string_view DefectName(Defect defect) { return Describe(defect).name; }

// A set of defects in one word.
class DefectSet {
 public:
  void Add(Defect defect) { bits_ |= Bit(defect); }
  bool Has(Defect defect) const { return (bits_ & Bit(defect)) != 0; }
  bool empty() const { return bits_ == 0; }
  int size() const { return std::popcount(bits_); }
  bool invalidates() const;
  // In the order of the enum.
  std::vector<Defect> List() const;

  friend bool operator==(DefectSet, DefectSet) = default;

 private:
  static constexpr uint32_t Bit(Defect defect) { return uint32_t{1} << static_cast<int>(defect); }
  static_assert(kDefectCount <= 32);

  uint32_t bits_ = 0;
};

}  // namespace gatehouse::mrz
