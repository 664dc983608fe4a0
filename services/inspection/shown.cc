#include "services/inspection/shown.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::inspection {
namespace {

// How a name is written matters to who searches for it, but small letters do not, and what a zone repeats of its own
// name field is the same name.
std::string NameText(const base::PersonName& name) {
  if (!name.primary.empty() || !name.secondary.empty()) {
    return absl::AsciiStrToUpper(absl::StrCat(name.primary, "<<", name.secondary));
  }
  return absl::AsciiStrToUpper(name.full.empty() ? name.mrz_name : name.full);
}

std::string PersonText(const base::Identity& identity) {
  return absl::StrCat(NameText(identity.name), "|", identity.birth_date.ToString(), "|", static_cast<int>(identity.sex),
                      "|", base::CountryLetters(identity.nationality));
}

// A number in which nothing can be searched is still a number that was shown: whoever is asked says that he cannot.
std::string DocumentLetters(const base::DocumentKey& document) {
  return base::DocumentText(document).value_or(document.number);
}

base::Identity Filled(base::Identity identity, const base::Identity& chosen) {
  if (!HasName(identity.name)) identity.name = chosen.name;
  if (identity.birth_date.year == 0) identity.birth_date = chosen.birth_date;
  if (identity.sex == base::Sex::kUnspecified) identity.sex = chosen.sex;
  if (identity.nationality.empty()) identity.nationality = chosen.nationality;
  if (identity.document.empty()) identity.document = chosen.document;
  if (identity.document.issuer.empty()) identity.document.issuer = chosen.document.issuer;
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
