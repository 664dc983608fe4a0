#include "services/traveller/register.h"

#include <algorithm>
#include <functional>
#include <span>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/traveller/correction.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {
namespace {

// Each lost race means that one of at most three unique keys was taken meanwhile, so a fourth run cannot lose again
// for the same reason.
constexpr int kMaxRaces = 4;

// How far back the newest admitted crossing is looked for.
constexpr int kLastDirectionDepth = 20;

absl::Status NobodyKnown() { return Refuse(Reason::kPersonNotFound, "no crossing is recorded for this traveller"); }

// The identity of a person says the sex, and who keys one may not know it: those that may mean the same otherwise.
std::span<const base::Sex> OtherSexes(base::Sex sex) {
  static constexpr base::Sex kSaid[] = {base::Sex::kFemale, base::Sex::kMale, base::Sex::kX};
  static constexpr base::Sex kUnsaid[] = {base::Sex::kUnspecified};
  if (sex == base::Sex::kUnspecified) return kSaid;
  return kUnsaid;
}

using FindKnown = std::function<absl::StatusOr<KnownPersons>(const PersonKeys& keys)>;

absl::StatusOr<std::optional<PersonId>> FindBySex(base::Identity identity, base::Sex sex, const FindKnown& find) {
  identity.sex = sex;
  GH_ASSIGN_OR_RETURN(KnownPersons known, find({.identity = KeysOf(identity).identity}));
  return std::move(known.by_identity);
}

// Whether the document's person is known by another identity than the one that is shown.
absl::StatusOr<bool> IsOfAnother(const KnownPersons& known, const base::Identity& identity, const FindKnown& find) {
  if (!known.by_document || !known.document_has_identity || known.by_identity == known.by_document) return false;
  if (!KeysOf(identity).identity) return false;
  for (const base::Sex sex : OtherSexes(identity.sex)) {
    GH_ASSIGN_OR_RETURN(const std::optional<PersonId> other, FindBySex(identity, sex, find));
    if (other == known.by_document) return false;
  }
  return true;
}

// Who is known by an identity that differs in nothing but a sex which one side does not state. Somebody recorded
// without a sex and with another one beside it has that other one.
absl::StatusOr<std::vector<PersonId>> FindByUnsaidSex(const base::Identity& identity, const FindKnown& find) {
  std::vector<PersonId> persons;
  if (!KeysOf(identity).identity) return persons;
  for (const base::Sex sex : OtherSexes(identity.sex)) {
    GH_ASSIGN_OR_RETURN(const std::optional<PersonId> other, FindBySex(identity, sex, find));
    if (other && std::find(persons.begin(), persons.end(), *other) == persons.end()) persons.push_back(*other);
  }
  if (persons.empty() || identity.sex == base::Sex::kUnspecified) return persons;
  for (const base::Sex sex : OtherSexes(base::Sex::kUnspecified)) {
    if (sex == identity.sex) continue;
    GH_ASSIGN_OR_RETURN(const std::optional<PersonId> other, FindBySex(identity, sex, find));
    if (other) std::erase(persons, *other);
  }
  return persons;
}

ListPosition PlaceOf(const Crossing& crossing) { return {crossing.corrected_time, crossing.id.value()}; }

// Of the newest admitted one, corrections applied.
std::optional<Direction> LastDirection(const std::vector<Crossing>& newest) {
  for (const Crossing& crossing : newest) {
    const Passage passage = Corrected(crossing);
    if (passage.outcome == CrossingOutcome::kAdmitted) return passage.direction;
  }
  return std::nullopt;
}

// A page of `size` out of one that was asked for with one more.
template <typename Item, typename Place>
std::optional<ListPosition> CutPage(std::vector<Item>& items, int size, Place place) {
  if (items.size() <= static_cast<size_t>(size)) return std::nullopt;
  items.resize(size);
  return place(items.back());
}

}  // namespace

absl::Status Register::WriteRacing(const std::function<absl::Status(CrossingWriter&)>& work, const PersonId* person) {
  absl::Status status;
  for (int run = 0; run < kMaxRaces; ++run) {
    status = deps_.store.Write(work);
    if (person != nullptr && ReasonOf(status) == Reason::kPersonErased) {
      // A store that was restored from before an erasure still has the person's keys: with them out of the way the
      // traveller is a new person, and the crossing is stored.
      GH_RETURN_IF_ERROR(deps_.store.Release(*person));
    } else if (!absl::IsAlreadyExists(status)) {
      return status;
    }
  }
  return absl::UnavailableError("the register is busy with this traveller; try again");
}

absl::StatusOr<Register::Resolved> Register::Resolve(CrossingWriter& writer, const base::Identity& identity) {
  Resolved resolved{.missing = KeysOf(identity)};
  const FindKnown find = [&writer](const PersonKeys& keys) { return writer.FindPersons(keys); };
  GH_ASSIGN_OR_RETURN(const KnownPersons known, find(resolved.missing));
  GH_ASSIGN_OR_RETURN(const bool of_another, IsOfAnother(known, identity, find));
  if (of_another) resolved.document_person = known.by_document;
  if (known.by_document && !of_another) {
    resolved.person = *known.by_document;
  } else if (known.by_identity) {
    resolved.person = *known.by_identity;
  } else {
    // Several may be meant: a new person, whom a supervisor can tell apart, and no stranger's history.
    GH_ASSIGN_OR_RETURN(const std::vector<PersonId> persons, FindByUnsaidSex(identity, find));
    if (persons.size() == 1) resolved.person = persons.front();
  }
  if (known.by_document) resolved.missing.document.reset();
  if (known.by_identity) resolved.missing.identity.reset();
  return resolved;
}

absl::Status Register::AddPassage(CrossingWriter& writer, const Request& request, const Passage& passage,
                                  Recorded& recorded) {
  GH_ASSIGN_OR_RETURN(const Resolved resolved, Resolve(writer, passage.identity.Reveal()));
  recorded = {.crossing = CrossingId(base::NewUuid(deps_.clock, deps_.random)), .person = resolved.person};
  if (resolved.person.empty()) {
    recorded.person = PersonId(base::NewUuid(deps_.clock, deps_.random));
    GH_RETURN_IF_ERROR(writer.AddPerson(recorded.person));
  }
  GH_RETURN_IF_ERROR(writer.AddKeys(recorded.person, resolved.missing, passage.identity.Reveal().document));
  const Crossing crossing{.id = recorded.crossing,
                          .person = recorded.person,
                          .passage = passage,
                          .record_time = deps_.clock.Now(),
                          .corrected_time = passage.time};
  GH_RETURN_IF_ERROR(writer.AddCrossing(request, crossing));
  if (!resolved.document_person) return absl::OkStatus();
  return writer.AddLink({.id = LinkId(base::NewUuid(deps_.clock, deps_.random)),
                         .person = recorded.person,
                         .document_person = *resolved.document_person,
                         .confidence = Confidence::kLow,
                         .crossing = crossing.id,
                         .time = crossing.record_time});
}

absl::StatusOr<Recorded> Register::Record(const Request& request, const Passage& passage) {
  Recorded recorded;
  bool reused = false;
  const auto record = [&](CrossingWriter& writer) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const std::optional<EarlierCrossing> earlier, writer.FindRequest(request, passage));
    reused = earlier && !earlier->same_content;
    if (!earlier) return AddPassage(writer, request, passage, recorded);
    recorded = {.crossing = earlier->crossing, .person = earlier->person, .repeated = true};
    return absl::OkStatus();
  };
  GH_RETURN_IF_ERROR(WriteRacing(record, &recorded.person));
  if (reused) return Refuse(Reason::kRequestIdReused, "this request id has recorded another crossing");
  return recorded;
}

absl::StatusOr<Crossing> Register::Correct(const NewCorrection& correction) {
  GH_CHECK(CheckCorrection(correction.field, correction.value).empty());
  if (correction.officer.empty()) return Refuse(Reason::kNamedOfficerRequired, "a correction needs a named officer");
  bool reused = false;
  const auto correct = [&](CrossingWriter& writer) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const std::optional<EarlierCorrection> earlier, writer.FindCorrection(correction));
    reused = earlier && !earlier->same_content;
    if (earlier) return absl::OkStatus();
    return writer.AddCorrection(correction, CorrectionId(base::NewUuid(deps_.clock, deps_.random)), deps_.clock.Now());
  };
  GH_RETURN_IF_ERROR(WriteRacing(correct, nullptr));
  if (reused) return Refuse(Reason::kRequestIdReused, "this request id has made another correction");
  GH_ASSIGN_OR_RETURN(std::vector<Crossing> found, deps_.store.List({.crossings = {correction.crossing}}, {}, 1));
  if (found.empty()) return Refuse(Reason::kPersonErased, "the person of this crossing was erased");
  return std::move(found.front());
}

absl::StatusOr<Register::Resolved> Register::FindPerson(const TravellerQuery& query) {
  if (query.person) return Resolved{.person = *query.person};
  PersonKeys keys;
  if (query.document) keys.document = base::DocumentText(*query.document);
  if (query.identity) keys.identity = KeysOf(*query.identity).identity;
  const FindKnown find = [this](const PersonKeys& asked) { return deps_.store.FindPersons(asked); };
  GH_ASSIGN_OR_RETURN(const KnownPersons known, find(keys));
  // Half an identity is no key: whoever is known by it was not looked for.
  const bool not_searched = query.identity.has_value() && !keys.identity;
  const base::Identity identity = query.identity.value_or(base::Identity());
  GH_ASSIGN_OR_RETURN(const bool of_another, IsOfAnother(known, identity, find));
  if (known.by_document && !of_another) {
    return Resolved{.person = *known.by_document, .identity_not_searched = not_searched};
  }
  std::optional<PersonId> person = known.by_identity;
  if (!person) {
    GH_ASSIGN_OR_RETURN(const std::vector<PersonId> persons, FindByUnsaidSex(identity, find));
    if (persons.size() > 1) {
      return Refuse(Reason::kSeveralPersons, "several persons have this name and birth date: say the sex too");
    }
    if (!persons.empty()) person = persons.front();
  }
  if (of_another) return Resolved{.person = person.value_or(*known.by_document), .document_person = known.by_document};
  if (person) return Resolved{.person = *person};
  if (not_searched) {
    return Refuse(Reason::kIdentityNotSearched, "the document is not known, and half an identity cannot be searched");
  }
  return NobodyKnown();
}

absl::StatusOr<Traveller> Register::Find(const TravellerQuery& query, int history_size) {
  GH_CHECK(history_size >= 0 && history_size <= kMaxHistory);
  GH_ASSIGN_OR_RETURN(const Resolved found, FindPerson(query));
  const PersonId& person = found.person;
  GH_ASSIGN_OR_RETURN(PersonSummary summary, deps_.store.Summarise(person));
  GH_ASSIGN_OR_RETURN(std::vector<Crossing> newest, Newest(person, {}, std::max(history_size, 1)));
  // They are counted, and left out of the list: of a person who is erased at this moment, or was before a restore.
  if (newest.empty()) return Refuse(Reason::kPersonErased, "this person was erased");
  Traveller traveller{.person = {.id = person,
                                 .identity = newest.front().passage.identity,
                                 .documents = std::move(summary.documents),
                                 .document_count = summary.document_count,
                                 .crossing_count = summary.crossing_count,
                                 .first_crossing_time = summary.first_crossing_time,
                                 .last_crossing_time = summary.last_crossing_time},
                      .document_of_another = found.document_person.has_value(),
                      .identity_not_searched = found.identity_not_searched};
  traveller.person.last_direction = LastDirection(newest);
  const int deeper = std::min(kLastDirectionDepth, summary.crossing_count) - static_cast<int>(newest.size());
  if (!traveller.person.last_direction && deeper > 0) {
    GH_ASSIGN_OR_RETURN(const std::vector<Crossing> older, Newest(person, PlaceOf(newest.back()), deeper));
    traveller.person.last_direction = LastDirection(older);
  }
  if (summary.linked) {
    GH_ASSIGN_OR_RETURN(traveller.links, deps_.store.ListLinks(person, {}, kMaxLinks));
  }
  if (newest.size() > static_cast<size_t>(history_size)) newest.resize(history_size);
  traveller.history = std::move(newest);
  return traveller;
}

absl::StatusOr<std::vector<Crossing>> Register::Newest(const PersonId& person,
                                                       const std::optional<ListPosition>& behind, int size) {
  GH_ASSIGN_OR_RETURN(std::vector<Crossing> newest, deps_.store.List({.person = person}, behind, size));
  for (const Crossing& crossing : newest) {
    if (crossing.unreadable) return Refuse(*crossing.unreadable, "a crossing of this person does not read");
  }
  return newest;
}

absl::StatusOr<CrossingPage> Register::List(const CrossingFilter& filter, const std::optional<ListPosition>& behind,
                                            int size) {
  GH_CHECK(size >= 1 && size <= kMaxPage);
  CrossingPage page;
  GH_ASSIGN_OR_RETURN(page.crossings, deps_.store.List(filter, behind, size + 1));
  page.next = CutPage(page.crossings, size, PlaceOf);
  if (!filter.crossings.empty()) {
    GH_ASSIGN_OR_RETURN(page.erased, deps_.store.FindErased(filter.crossings));
  }
  return page;
}

absl::StatusOr<Erasure> Register::Erase(const NewErasure& erasure) {
  if (erasure.officer.empty()) return Refuse(Reason::kNamedOfficerRequired, "an erasure needs a named officer");
  const ErasureId id(base::NewUuid(deps_.clock, deps_.random));
  absl::StatusOr<Erasure> erased = deps_.store.Erase(erasure, id, deps_.clock.Now());
  // Another process may have been sooner with this very request: then its receipt is there now.
  const bool sooner = absl::IsAlreadyExists(erased.status()) || ReasonOf(erased.status()) == Reason::kPersonErased;
  return sooner ? deps_.store.Erase(erasure, id, deps_.clock.Now()) : erased;
}

absl::StatusOr<ErasurePage> Register::ListErasures(const std::optional<ListPosition>& behind, int size) {
  GH_CHECK(size >= 1 && size <= kMaxPage);
  ErasurePage page;
  GH_ASSIGN_OR_RETURN(page.erasures, deps_.store.ListErasures(behind, size + 1));
  page.next = CutPage(page.erasures, size, [](const Erasure& last) {
    return ListPosition{last.time, last.id.value()};
  });
  return page;
}

absl::StatusOr<LinkPage> Register::ListLinks(const std::optional<PersonId>& person,
                                             const std::optional<ListPosition>& behind, int size) {
  GH_CHECK(size >= 1 && size <= kMaxPage);
  LinkPage page;
  GH_ASSIGN_OR_RETURN(page.links, deps_.store.ListLinks(person, behind, size + 1));
  page.next = CutPage(page.links, size, [](const PersonLink& last) {
    return ListPosition{last.time, last.id.value()};
  });
  return page;
}

}  // namespace gatehouse::traveller
