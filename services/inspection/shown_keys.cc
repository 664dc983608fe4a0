#include "services/inspection/shown_keys.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/mrz/transliterate.h"

namespace gatehouse::inspection {
namespace {

// A name the tables cannot spell is compared as it stands.
std::string NameLetters(const base::PersonName& name) {
  std::string text = absl::StrCat(name.primary, " ", name.secondary);
  if (name.primary.empty() && name.secondary.empty()) text = name.full.empty() ? name.mrz_name : name.full;
  const absl::StatusOr<std::string> letters = mrz::Transliterate(text);
  return letters.ok() ? *letters : text;
}

std::optional<std::string> PersonKey(const base::Identity& identity) {
  const std::string nationality = base::CountryLetters(identity.nationality);
  if (!HasName(identity.name) || nationality.empty() || !identity.birth_date.complete()) return std::nullopt;
  return absl::StrCat("person|", NameLetters(identity.name), "|", identity.birth_date.ToString(), "|",
                      static_cast<int>(identity.sex), "|", nationality);
}

std::optional<std::string> DocumentKey(const base::Identity& identity) {
  const std::optional<std::string> text = base::DocumentText(identity.document);
  if (!text) return std::nullopt;
  return absl::StrCat("document|", *text);
}

}  // namespace

std::vector<std::string> ShownKeys(const Shown& shown) {
  std::vector<std::string> keys;
  const auto add = [&keys](std::optional<std::string> key) {
    if (key) keys.push_back(*std::move(key));
  };
  for (const Question& document : shown.documents) add(DocumentKey(document.about.Reveal()));
  for (const Question& person : shown.persons) add(PersonKey(person.about.Reveal()));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace gatehouse::inspection
