#include "tools/specimen/mrz_lines.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::specimen {
namespace {

int Value(char c) { return c == '<' ? 0 : c <= '9' ? c - '0' : c - 'A' + 10; }

// Doc 9303-3 section 4.9.
char CheckDigit(std::string_view text) {
  constexpr int kWeights[] = {7, 3, 1};
  int sum = 0;
  for (size_t i = 0; i < text.size(); ++i) sum += Value(text[i]) * kWeights[i % 3];
  return static_cast<char>('0' + sum % 10);
}

std::string Checked(std::string field) {
  field.push_back(CheckDigit(field));
  return field;
}

std::string Padded(std::string text, size_t width) {
  text.resize(width, '<');
  return text;
}

std::string Component(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c != '\'') text.push_back(c == ' ' || c == '-' ? '<' : c);
  }
  return text;
}

std::string NameField(const Holder& holder, size_t width) {
  return Padded(absl::StrCat(Component(holder.surname), "<<", Component(holder.given_names)), width);
}

std::string DateField(absl::CivilDay day) {
  return absl::StrFormat("%02d%02d%02d", day.year() % 100, day.month(), day.day());
}

char SexField(const Holder& holder) { return holder.sex == 'X' ? '<' : holder.sex; }

}  // namespace

std::vector<std::string> MrzLines(const TravelDocument& document) {
  const Holder& holder = document.holder;
  const std::string number = Checked(Padded(document.number, 9));
  const std::string birth = Checked(DateField(holder.birth_date));
  const std::string expiry = Checked(DateField(document.expiry_date));
  const std::string sex(1, SexField(holder));
  if (document.format == Format::kTd3) {
    const std::string optional = Checked(std::string(14, '<'));
    const std::string line = absl::StrCat(number, holder.nationality, birth, sex, expiry, optional);
    return {absl::StrCat("P<", document.issuer, NameField(holder, 39)),
            line + CheckDigit(absl::StrCat(number, birth, expiry, optional))};
  }
  const std::string first = absl::StrCat("I<", document.issuer, number, std::string(15, '<'));
  const std::string optional(11, '<');
  const char composite = CheckDigit(absl::StrCat(first.substr(5), birth, expiry, optional));
  return {first, absl::StrCat(birth, sex, expiry, holder.nationality, optional, std::string(1, composite)),
          NameField(holder, 30)};
}

}  // namespace gatehouse::specimen
