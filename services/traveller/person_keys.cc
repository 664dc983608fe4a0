#include "services/traveller/person_keys.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/mrz/transliterate.h"

namespace gatehouse::traveller {
namespace {

// Upper-case letters and digits; what printing adds between them (blanks, hyphens, fillers) is dropped.
std::string LettersAndDigits(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) kept += c;
    if (c >= 'a' && c <= 'z') kept += static_cast<char>(c - 'a' + 'A');
  }
  return kept;
}

// Doc 9303-3 section 5 gives Germany the single letter D; officers and other systems also write DEU.
std::string CountryLetters(std::string_view text) {
  std::string letters = LettersAndDigits(text);
  return letters == "D" ? "DEU" : letters;
}

// A name the tables cannot spell is compared as it stands.
std::string NameLetters(std::string_view name) {
  const absl::StatusOr<std::string> letters = mrz::Transliterate(name);
  return letters.ok() ? *letters : std::string(name);
}

// Where the primary identifier ends is lost in a name given in full, so both forms are reduced to the same row of
// components; that the parts may be cut elsewhere costs nothing beside birth date and nationality.
std::string NameText(const base::PersonName& name) {
  if (name.primary.empty() && name.secondary.empty()) return NameLetters(name.full);
  return NameLetters(absl::StrCat(name.primary, " ", name.secondary));
}

}  // namespace

std::optional<std::string> DocumentKeyText(const base::DocumentKey& document) {
  const std::string number = LettersAndDigits(document.number);
  if (number.empty()) return std::nullopt;
  return absl::StrCat(CountryLetters(document.issuer), "|", number);
}

PersonKeys KeysOf(const base::Identity& identity) {
  PersonKeys keys{.document = DocumentKeyText(identity.document)};
  const std::string name = NameText(identity.name);
  const std::string nationality = CountryLetters(identity.nationality);
  if (!name.empty() && !nationality.empty() && identity.birth_date.complete()) {
    keys.identity =
        absl::StrCat(name, "|", identity.birth_date.ToString(), "|", static_cast<int>(identity.sex), "|", nationality);
  }
  return keys;
}

}  // namespace gatehouse::traveller
