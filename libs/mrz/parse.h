// Reads a machine-readable zone (Doc 9303 parts 3 to 7) and judges it: Parse() finds the format, the fields, the state
// of every check digit and what departs from the standard. A bad zone is a finding, never an error: text that fits no
// format gives Format::kUnknown with a defect. Nothing is corrected: the lines are kept as they came.
//   const ParsedMrz mrz = Parse(text);
//   if (!mrz.valid()) Report(mrz.defects());
//   const DateReading birth = ReadBirthDate(mrz.birth_date(), today);
// ParsedMrz owns its text in place (no heap, freely copied, about 200 bytes); views it hands out live as long as it.
// It holds personal data: never log it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/mrz/defect.h"
#include "libs/mrz/format.h"

namespace gatehouse::mrz {

// Longer text is refused unread.
inline constexpr size_t kMaxTextBytes = 512;

enum class CheckState : uint8_t { kAbsent, kValid, kInvalid };

// "absent", "valid", "invalid".
constexpr std::string_view CheckStateName(CheckState state) {
  constexpr std::array<std::string_view, 3> kNames = {"absent", "valid", "invalid"};
  return kNames[static_cast<size_t>(state)];
}

struct CheckDigits {
  CheckState number = CheckState::kAbsent;
  CheckState birth_date = CheckState::kAbsent;
  CheckState expiry = CheckState::kAbsent;
  // TD3 only; absent too when field and digit are both fillers, which the standard allows.
  CheckState optional = CheckState::kAbsent;
  CheckState composite = CheckState::kAbsent;  // absent on visas
};

// X is not in Doc 9303 but printed by some States; kUnspecified also stands for what is none of these (a defect).
enum class Sex : uint8_t { kUnspecified, kFemale, kMale, kX };

// "unspecified", "female", "male", "x".
constexpr std::string_view SexName(Sex sex) {
  constexpr std::array<std::string_view, 4> kNames = {"unspecified", "female", "male", "x"};
  return kNames[static_cast<size_t>(sex)];
}

class ParsedMrz {
 public:
  Format format() const { return format_; }
  // The zone reads correctly: one of the five formats, its alphabet, and every check digit it has. Notes (an unknown
  // State, a month 13) do not unmake it: look at defects().
  bool valid() const { return format_ != Format::kUnknown && !defects_.invalidates(); }
  const CheckDigits& check_digits() const { return check_digits_; }
  DefectSet defects() const { return defects_; }

  // The lines as read, joined without breaks; empty when the format is unknown, as all that follows.
  std::string_view text() const { return std::string_view(text_.data(), size_); }
  std::string_view line(int index) const;
  int line_count() const { return format_ == Format::kUnknown ? 0 : LayoutOf(format_)->lines; }

  // Fields without their trailing fillers.
  std::string_view document_code() const { return Trimmed(document_code_); }
  std::string_view issuing_state() const { return Trimmed(issuing_state_); }  // "D", "UTO"
  std::string_view nationality() const { return Trimmed(nationality_); }
  // The whole number without any filler, also one that went on in the optional data.
  std::string_view document_number() const { return std::string_view(number_.data(), number_size_); }
  // YYMMDD as printed, fillers for unknown parts: see dates.h.
  std::string_view birth_date() const { return birth_date_.In(text()); }
  std::string_view expiry_date() const { return expiry_date_.In(text()); }
  Sex sex() const { return sex_; }
  // Optional data; of a TD1 or TD2 with a long number, what stands behind that number. TD1 alone has the second.
  std::string_view optional_data_1() const { return Trimmed(optional_1_); }
  std::string_view optional_data_2() const { return Trimmed(optional_2_); }

  // The name field as printed, without trailing fillers.
  std::string_view name() const { return name_.In(text()); }
  // Components separated by one space. A zone without a secondary identifier has all its name in the primary.
  std::string primary_identifier() const;
  std::string secondary_identifier() const;
  // The name fills its field to the last place and must be taken as cut (Doc 9303-4 section 4.2.3). Never compare such
  // a name by equality.
  bool name_truncated() const { return name_truncated_; }

 private:
  friend class Reader;

  // TD1 has the longest: 9 characters and 13 of the optional field, or 14 where the filler behind it is missing.
  static constexpr size_t kMaxNumberCharacters = 23;

  std::string_view Trimmed(Span span) const;

  std::array<char, kMaxMrzCharacters> text_{};
  uint8_t size_ = 0;
  Format format_ = Format::kUnknown;
  CheckDigits check_digits_;
  DefectSet defects_;
  Sex sex_ = Sex::kUnspecified;
  bool name_truncated_ = false;
  Span document_code_;
  Span issuing_state_;
  Span nationality_;
  Span birth_date_;
  Span expiry_date_;
  Span optional_1_;
  Span optional_2_;
  Span name_;
  std::array<char, kMaxNumberCharacters> number_{};
  uint8_t number_size_ = 0;
};

// Lines may end in \n, \r\n or \r, or be joined into one string (88, 90 or 72 characters) as in DG1. Blanks around the
// text and its lines, and empty lines, are dropped. A two-line zone that begins with V is a visa.
ParsedMrz Parse(std::string_view text);

}  // namespace gatehouse::mrz
