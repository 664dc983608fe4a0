#include "services/inspection/shown.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::inspection {
namespace {

// Without what only parts words.
std::string Letters(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (c != ' ' && c != '<' && c != ',' && c != '-') letters += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return letters;
}

// How a name is written matters to who searches for it, but small letters do not, and what another field of the same
// name repeats is the same name. A field that says something else is a name of its own to be asked for.
std::string NameText(const base::PersonName& name) {
  std::string text = absl::AsciiStrToUpper(absl::StrCat(name.primary, "<<", name.secondary));
  const std::string in_parts = Letters(text);
  const std::string reversed = Letters(absl::StrCat(name.secondary, name.primary));
  std::string last;
  for (const std::string* whole : {&name.full, &name.mrz_name}) {
    const std::string letters = Letters(*whole);
    if (letters.empty() || letters == in_parts || letters == reversed || letters == last) continue;
    absl::StrAppend(&text, "|", absl::AsciiStrToUpper(*whole));
    last = letters;
  }
  return text;
}

std::string PersonText(const base::Identity& identity) {
  return absl::StrCat(NameText(identity.name), "|", identity.birth_date.ToString(), "|", static_cast<int>(identity.sex),
                      "|", base::CountryLetters(identity.nationality));
}

// A number in which nothing can be searched is still a number that was shown: whoever is asked says that he cannot.
// A visa may have the number of a passport: the kind of document (the first letter of its code) tells them apart.
std::string DocumentLetters(const base::DocumentKey& document) {
  const std::string kind = absl::AsciiStrToUpper(document.type.substr(0, 1));
  return absl::StrCat(base::DocumentText(document).value_or(document.number), "|", kind);
}

base::Identity Filled(base::Identity identity, const base::Identity& chosen) {
  if (!HasName(identity.name)) identity.name = chosen.name;
  if (identity.birth_date.year == 0) identity.birth_date = chosen.birth_date;
  if (identity.sex == base::Sex::kUnspecified) identity.sex = chosen.sex;
  if (identity.nationality.empty()) identity.nationality = chosen.nationality;
  if (identity.document.empty()) identity.document = chosen.document;
  if (identity.document.issuer.empty()) identity.document.issuer = chosen.document.issuer;
  const bool same_number = Letters(identity.document.number) == Letters(chosen.document.number);
  if (identity.document.type.empty() && same_number) identity.document.type = chosen.document.type;
  return identity;
}

// Questions by what they come to, in the order in which they were first shown.
class Distinct {
 public:
  void Add(ShownAt place, std::string text, const base::Identity& about) {
    const auto known = std::find(texts_.begin(), texts_.end(), text);
    if (known != texts_.end()) {
      absl::StrAppend(&questions_[known - texts_.begin()].shown_at, ", ", std::string(Word(place)));
      return;
    }
    texts_.push_back(std::move(text));
    questions_.push_back({.shown_at = std::string(Word(place)), .about = base::Redacted(about)});
  }
  std::vector<Question> Take() { return std::move(questions_); }

 private:
  std::vector<std::string> texts_;
  std::vector<Question> questions_;
};

}  // namespace

std::string_view Word(ShownAt place) {
  switch (place) {
    case ShownAt::kChip:
      return "chip";
    case ShownAt::kZone:
      return "zone";
    case ShownAt::kPage:
      return "page";
    case ShownAt::kVisa:
      return "visa";
    case ShownAt::kKeyed:
      return "keyed";
  }
  GH_CHECK(false);
}

bool HasName(const base::PersonName& name) {
  return !name.primary.empty() || !name.secondary.empty() || !name.full.empty() || !name.mrz_name.empty();
}

Shown CollectShown(const std::vector<Sighting>& sightings, const base::Redacted<base::Identity>& chosen) {
  GH_CHECK(sightings.size() <= kMaxSightings);
  Distinct documents;
  Distinct persons;
  Distinct travellers;
  std::vector<Sighting> ordered = sightings;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  for (const Sighting& sighting : ordered) {
    base::Identity identity = Filled(sighting.identity.Reveal(), chosen.Reveal());
    if (!identity.document.empty()) documents.Add(sighting.at, DocumentLetters(identity.document), identity);
    if (sighting.at == ShownAt::kVisa) identity.document = chosen.Reveal().document;
    const bool named = HasName(identity.name);
    if (named) persons.Add(sighting.at, PersonText(identity), identity);
    if (named || !identity.document.empty()) {
      travellers.Add(sighting.at, absl::StrCat(PersonText(identity), "|", DocumentLetters(identity.document)),
                     identity);
    }
  }
  return {.documents = documents.Take(), .persons = persons.Take(), .travellers = travellers.Take()};
}

}  // namespace gatehouse::inspection
