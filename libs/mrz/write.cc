#include "libs/mrz/write.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/check_digit.h"
#include "libs/mrz/names.h"

namespace gatehouse::mrz {
namespace {

absl::Status Unfit(std::string_view field, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(absl::string_view(field.data(), field.size()), ": ",
                                                 absl::string_view(reason.data(), reason.size())));
}

class Writer {
 public:
  explicit Writer(const Layout& layout) : layout_(layout), text_(layout.size(), kFiller) {}

  absl::Status Put(std::string_view field, Span span, std::string_view value) {
    if (value.size() > span.size) return Unfit(field, "too long for its place");
    if (!std::all_of(value.begin(), value.end(), IsMrzCharacter)) {
      return Unfit(field, "only A-Z, 0-9 and < can be written");
    }
    std::copy(value.begin(), value.end(), text_.begin() + span.at);
    return absl::OkStatus();
  }

  absl::Status PutState(std::string_view field, Span span, std::string_view code) {
    if (std::any_of(code.begin(), code.end(), IsDigit)) return Unfit(field, "only letters and < can be written");
    return Put(field, span, code);
  }

  void PutCheckDigit(uint8_t position, Span covered) { text_[position] = CheckDigit(covered.In(text_)); }

  // Both parts of the number and its check digit (Doc 9303-5 note j), then `optional` behind them.
  absl::Status PutNumber(std::string_view number, std::string_view optional) {
    if (number.size() <= layout_.number.size) {
      GH_RETURN_IF_ERROR(Put("document_number", layout_.number, number));
      PutCheckDigit(layout_.number_check, layout_.number);
      return Put("optional_data_1", layout_.optional_1, optional);
    }
    // The tail, its check digit and a filler must fit.
    if (!layout_.long_number || number.size() - layout_.number.size > layout_.optional_1.size - size_t{2}) {
      return Unfit("document_number", "too long for this format");
    }
    if (number.find(kFiller) != std::string_view::npos) {
      return Unfit("document_number", "a filler inside a long number would end it");
    }
    GH_RETURN_IF_ERROR(Put("document_number", layout_.number, number.substr(0, layout_.number.size)));
    const std::string_view tail = number.substr(layout_.number.size);
    const Span tail_span{layout_.optional_1.at, static_cast<uint8_t>(tail.size())};
    GH_RETURN_IF_ERROR(Put("document_number", tail_span, tail));
    text_[tail_span.at + tail.size()] = CheckDigit(number);
    const auto used = static_cast<uint8_t>(tail.size() + 2);
    return Put(
        "optional_data_1",
        {static_cast<uint8_t>(layout_.optional_1.at + used), static_cast<uint8_t>(layout_.optional_1.size - used)},
        optional);
  }

  absl::Status PutDate(std::string_view field, Span span, uint8_t check, const base::PartialDate& date) {
    if (!base::IsPossible(date)) return Unfit(field, "no such day in the calendar");
    const auto two_digits = [](int part) {
      return part == 0 ? std::string(2, kFiller) : absl::StrCat(absl::Dec(part % 100, absl::kZeroPad2));
    };
    GH_RETURN_IF_ERROR(
        Put(field, span, absl::StrCat(two_digits(date.year), two_digits(date.month), two_digits(date.day))));
    PutCheckDigit(check, span);
    return absl::OkStatus();
  }

  void PutSex(Sex sex) {
    constexpr std::string_view kLetters = "<FMX";  // in the order of the enum
    text_[layout_.sex] = kLetters[static_cast<size_t>(sex)];
  }

  std::string Finish() {
    if (layout_.optional_check != kNoPosition) PutCheckDigit(layout_.optional_check, layout_.optional_1);
    if (layout_.composite_check != kNoPosition) {
      CheckSum sum;
      for (const Span& span : layout_.composite) sum.Add(span.In(text_));
      text_[layout_.composite_check] = sum.Digit();
    }
    std::string lines = text_;
    for (size_t line = layout_.lines - size_t{1}; line > 0; --line) lines.insert(line * layout_.line_size, 1, '\n');
    return lines;
  }

 private:
  const Layout& layout_;
  std::string text_;
};

// Transliterate() calls what it refuses "name"; here it has a field.
absl::StatusOr<std::string> Spelled(std::string_view field, std::string_view identifier, Language language) {
  absl::StatusOr<std::string> spelled = Transliterate(identifier, language);
  if (spelled.ok()) return spelled;
  const absl::string_view message = spelled.status().message();
  const std::string reason(absl::StripPrefix(message, "name: "));
  return Unfit(field, reason);
}

absl::StatusOr<std::string> NameOf(const MrzFields& fields, size_t width) {
  GH_ASSIGN_OR_RETURN(const std::string primary,
                      Spelled("primary_identifier", fields.primary_identifier, fields.name_language));
  GH_ASSIGN_OR_RETURN(const std::string secondary,
                      Spelled("secondary_identifier", fields.secondary_identifier, fields.name_language));
  if (primary.empty()) return Unfit("primary_identifier", "empty; a single name is the primary identifier");
  return FitName(primary, secondary, width);
}

}  // namespace

absl::StatusOr<std::string> Write(const MrzFields& fields) {
  const Layout* layout = LayoutOf(fields.format);
  if (layout == nullptr) return Unfit("format", "unknown");
  if (layout->visa() != fields.document_code.starts_with('V')) {
    return Unfit("document_code", "V is for visas, and visas have no other");
  }
  GH_ASSIGN_OR_RETURN(const std::string name, NameOf(fields, layout->name.size));
  Writer writer(*layout);
  GH_RETURN_IF_ERROR(writer.Put("document_code", layout->document_code, fields.document_code));
  GH_RETURN_IF_ERROR(writer.PutState("issuing_state", layout->issuing_state, fields.issuing_state));
  GH_RETURN_IF_ERROR(writer.PutState("nationality", layout->nationality, fields.nationality));
  GH_RETURN_IF_ERROR(writer.Put("primary_identifier", layout->name, name));
  GH_RETURN_IF_ERROR(writer.PutNumber(fields.document_number, fields.optional_data_1));
  GH_RETURN_IF_ERROR(writer.Put("optional_data_2", layout->optional_2, fields.optional_data_2));
  GH_RETURN_IF_ERROR(writer.PutDate("birth_date", layout->birth_date, layout->birth_date_check, fields.birth_date));
  GH_RETURN_IF_ERROR(writer.PutDate("expiry_date", layout->expiry_date, layout->expiry_check, fields.expiry_date));
  writer.PutSex(fields.sex);
  return writer.Finish();
}

}  // namespace gatehouse::mrz
