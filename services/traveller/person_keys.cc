#include "services/traveller/person_keys.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/mrz/transliterate.h"

namespace gatehouse::traveller {
namespace {

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

PersonKeys KeysOf(const base::Identity& identity) {
  PersonKeys keys{.document = base::DocumentText(identity.document)};
  const std::string name = NameText(identity.name);
  const std::string nationality = base::CountryLetters(identity.nationality);
  if (!name.empty() && !nationality.empty() && identity.birth_date.complete()) {
    keys.identity =
        absl::StrCat(name, "|", identity.birth_date.ToString(), "|", static_cast<int>(identity.sex), "|", nationality);
  }
  return keys;
}

}  // namespace gatehouse::traveller
