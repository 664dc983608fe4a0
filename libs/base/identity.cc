#include "libs/base/identity.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::base {

std::string LettersAndDigits(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) kept += c;
    if (c >= 'a' && c <= 'z') kept += static_cast<char>(c - 'a' + 'A');
  }
  return kept;
}

std::string CountryLetters(std::string_view text) {
  std::string letters = LettersAndDigits(text);
  return letters == "D" ? "DEU" : letters;
}

std::optional<std::string> DocumentText(const DocumentKey& document) {
  const std::string number = LettersAndDigits(document.number);
  if (number.empty()) return std::nullopt;
  return absl::StrCat(CountryLetters(document.issuer), "|", number);
}

}  // namespace gatehouse::base
