#include "libs/mrz/parse.h"

#include <algorithm>

#include "libs/mrz/check_digit.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/lines.h"
#include "libs/mrz/names.h"
#include "libs/mrz/states.h"

namespace gatehouse::mrz {
namespace {

bool HasDigit(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= IsDigit(c);
  return found;
}

bool AllFillers(std::string_view text) { return text.find_first_not_of(kFiller) == std::string_view::npos; }

std::string_view WithoutTrailingFillers(std::string_view text) {
  while (!text.empty() && text.back() == kFiller) text.remove_suffix(1);
  return text;
}

CheckState StateOf(bool valid) { return valid ? CheckState::kValid : CheckState::kInvalid; }

// First letters of the document code, Doc 9303-4 to -7.
bool IsCodeOf(const Layout& layout, char first) {
  switch (layout.format) {
    case Format::kTd3:
      return first == 'P';
    case Format::kMrvA:
    case Format::kMrvB:
      return first == 'V';
    default:
      return first == 'A' || first == 'C' || first == 'I';
  }
}

}  // namespace

// Fills a ParsedMrz field by field.
class Reader {
 public:
  Reader(const Layout& layout, const Lines& lines) : layout_(layout) {
    for (size_t i = 0; i < lines.count; ++i) {
      std::copy(lines.line[i].begin(), lines.line[i].end(), mrz_.text_.begin() + mrz_.size_);
      mrz_.size_ = static_cast<uint8_t>(mrz_.size_ + lines.line[i].size());
    }
    text_ = std::string_view(mrz_.text_.data(), mrz_.size_);
    mrz_.format_ = layout.format;
  }

  static ParsedMrz Unreadable(Defect defect) {
    ParsedMrz mrz;
    mrz.defects_.Add(defect);
    return mrz;
  }

  ParsedMrz Read() {
    if (!AllMrzCharacters(text_)) Add(Defect::kIllegalCharacter);
    ReadDocument();
    ReadNumber();
    ReadDates();
    ReadOptionalData();
    ReadComposite();
    ReadSex();
    ReadName();
    return mrz_;
  }

 private:
  void Add(Defect defect) { mrz_.defects_.Add(defect); }
  void AddIf(bool wrong, Defect defect) {
    if (wrong) Add(defect);
  }

  void ReadDocument() {
    mrz_.document_code_ = layout_.document_code;
    mrz_.issuing_state_ = layout_.issuing_state;
    mrz_.nationality_ = layout_.nationality;
    AddIf(!IsCodeOf(layout_, text_[0]), Defect::kDocumentCode);
    AddIf(!IsKnownState(layout_.issuing_state.In(text_)), Defect::kIssuingState);
    AddIf(!IsKnownState(layout_.nationality.In(text_)), Defect::kNationality);
  }

  void ReadNumber() {
    const std::string_view field = layout_.number.In(text_);
    const char digit = text_[layout_.number_check];
    mrz_.optional_1_ = layout_.optional_1;
    AppendNumber(field);
    AddIf(mrz_.number_size_ == 0, Defect::kNumberMissing);
    if (layout_.long_number && digit == kFiller) {
      ReadLongNumber(field);
      return;
    }
    mrz_.check_digits_.number = StateOf(CheckSum(field).Matches(digit));
    AddIf(mrz_.check_digits_.number == CheckState::kInvalid, Defect::kNumberCheckDigit);
  }

  // A number over 9 characters goes on at the start of the optional data, and its check digit stands before the first
  // filler there. Where that digit fails (some cards print a filler with another meaning) the number stays at 9.
  void ReadLongNumber(std::string_view field) {
    const std::string_view optional = layout_.optional_1.In(text_);
    const size_t end = std::min(optional.find(kFiller), optional.size());
    bool valid = false;
    if (end >= 2) {
      const std::string_view tail = optional.substr(0, end - 1);
      CheckSum sum(field);
      sum.Add(tail);
      valid = sum.Matches(optional[end - 1]);
      if (valid) {
        AppendNumber(tail);
        const size_t used = std::min(end + 1, optional.size());
        mrz_.optional_1_ = {static_cast<uint8_t>(layout_.optional_1.at + used),
                            static_cast<uint8_t>(optional.size() - used)};
        AddIf(end == optional.size(), Defect::kLongNumberFiller);
      }
    }
    mrz_.check_digits_.number = StateOf(valid);
    AddIf(!valid, Defect::kLongNumberCheckDigit);
  }

  void AppendNumber(std::string_view part) {
    for (const char c : part) {
      if (c != kFiller) mrz_.number_[mrz_.number_size_++] = c;
    }
  }

  void ReadDates() {
    mrz_.birth_date_ = layout_.birth_date;
    mrz_.expiry_date_ = layout_.expiry_date;
    mrz_.check_digits_.birth_date =
        ReadDate(layout_.birth_date.In(text_), text_[layout_.birth_date_check],
                 {Defect::kBirthDateCharacters, Defect::kBirthDateImpossible, Defect::kBirthDateCheckDigit});
    mrz_.check_digits_.expiry =
        ReadDate(layout_.expiry_date.In(text_), text_[layout_.expiry_check],
                 {Defect::kExpiryCharacters, Defect::kExpiryImpossible, Defect::kExpiryCheckDigit});
  }

  struct DateDefects {
    Defect characters;
    Defect impossible;
    Defect check_digit;
  };
  CheckState ReadDate(std::string_view date, char digit, const DateDefects& defects) {
    // A letter counts as 10 and more, so a date with letters can have a right check digit: it proves nothing.
    const bool characters = HasDateCharacters(date);
    const bool matches = CheckSum(date).Matches(digit);
    AddIf(!characters, defects.characters);
    AddIf(characters && !IsPossibleDate(date), defects.impossible);
    AddIf(!matches, defects.check_digit);
    return StateOf(characters && matches);
  }

  void ReadOptionalData() {
    mrz_.optional_2_ = layout_.optional_2;
    if (layout_.optional_check == kNoPosition) return;
    const std::string_view field = layout_.optional_1.In(text_);
    const char digit = text_[layout_.optional_check];
    // Doc 9303-4 section 4.2.2.2: an unused field may have a filler here; a used one may not.
    if (digit == kFiller && AllFillers(field)) return;
    mrz_.check_digits_.optional = StateOf(CheckSum(field).Matches(digit));
    AddIf(mrz_.check_digits_.optional == CheckState::kInvalid, Defect::kOptionalCheckDigit);
  }

  void ReadComposite() {
    if (layout_.composite_check == kNoPosition) return;
    CheckSum sum;
    for (const Span& span : layout_.composite) sum.Add(span.In(text_));
    mrz_.check_digits_.composite = StateOf(sum.Matches(text_[layout_.composite_check]));
    AddIf(mrz_.check_digits_.composite == CheckState::kInvalid, Defect::kCompositeCheckDigit);
  }

  void ReadSex() {
    switch (text_[layout_.sex]) {
      case 'F':
        mrz_.sex_ = Sex::kFemale;
        return;
      case 'M':
        mrz_.sex_ = Sex::kMale;
        return;
      case kFiller:
        return;
      case 'X':
        mrz_.sex_ = Sex::kX;
        Add(Defect::kSexX);
        return;
      default:
        Add(Defect::kSexInvalid);
    }
  }

  void ReadName() {
    const std::string_view name = WithoutTrailingFillers(layout_.name.In(text_));
    mrz_.name_ = {layout_.name.at, static_cast<uint8_t>(name.size())};
    mrz_.name_truncated_ = name.size() == layout_.name.size;
    if (name.empty()) {
      Add(Defect::kNameMissing);
      return;
    }
    AddIf(HasDigit(name), Defect::kNameCharacters);
    AddIf(!IsWellDivided(name), Defect::kNameSeparators);
  }

  const Layout& layout_;
  std::string_view text_;
  ParsedMrz mrz_;
};

std::string_view ParsedMrz::line(int index) const {
  const size_t size = LayoutOf(format_)->line_size;
  return text().substr(static_cast<size_t>(index) * size, size);
}

std::string_view ParsedMrz::Trimmed(Span span) const { return WithoutTrailingFillers(span.In(text())); }

std::string ParsedMrz::primary_identifier() const { return PrimaryIdentifier(name()); }

std::string ParsedMrz::secondary_identifier() const { return SecondaryIdentifier(name()); }

ParsedMrz Parse(std::string_view text) {
  if (text.size() > kMaxTextBytes) return Reader::Unreadable(Defect::kTextTooLong);
  const Lines lines = SplitLines(text);
  const Layout* layout = FindLayout(lines);
  if (layout == nullptr) return Reader::Unreadable(Defect::kUnknownFormat);
  return Reader(*layout, lines).Read();
}

}  // namespace gatehouse::mrz
