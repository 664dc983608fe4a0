// Everything that a traveller showed, so that the lists and the register are asked about all of it and not only about
// the identity that was chosen: a clean chip in a stolen booklet leaves a stolen number printed. Each distinct document
// and each distinct person once, with every place where it was shown. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/identity.h"
#include "libs/base/redacted.h"
#include "services/inspection/inspection.h"

namespace gatehouse::inspection {

enum class ShownAt : uint8_t { kChip, kZone, kPage, kVisa, kKeyed };
std::string_view Word(ShownAt place);  // chip, zone, page, visa, keyed

struct Sighting {
  ShownAt at = ShownAt::kZone;
  base::Redacted<base::Identity> identity;
};

// Each place shows one identity, so no list here is longer.
inline constexpr size_t kMaxSightings = 5;

// One question for the lists or the register, and everywhere that what it is about was shown, in the order of ShownAt.
struct Question {
  std::string shown_at;  // words, joined by ", "
  base::Redacted<base::Identity> about;
};

// What a place leaves out is taken from the chosen identity: a page keyed as a name only is asked about with the birth
// date of the chip. Empty when nothing was shown.
struct Shown {
  std::vector<Question> documents;   // distinct in number, issuer and kind; only `about.document` is asked for
  std::vector<Question> persons;     // distinct in name, birth date, sex and nationality; these are asked for
  std::vector<Question> travellers;  // distinct in both: a person with the document that showed him
  bool empty() const { return documents.empty() && persons.empty(); }
};

// `sightings`: at most one of each place. The number of a visa names the visa and not its bearer: it is among the
// documents, and the person it names counts as a traveller with the chosen document.
Shown CollectShown(const std::vector<Sighting>& sightings, const base::Redacted<base::Identity>& chosen);

bool HasName(const base::PersonName& name);

}  // namespace gatehouse::inspection
