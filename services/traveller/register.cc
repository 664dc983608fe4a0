#include "services/traveller/register.h"

#include <algorithm>

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

}  // namespace

absl::Status Register::WriteRacing(const std::function<absl::Status(CrossingWriter&)>& work) {
  absl::Status status;
  for (int run = 0; run < kMaxRaces; ++run) {
    status = deps_.store.Write(work);
    if (!absl::IsAlreadyExists(status)) return status;
  }
  return absl::UnavailableError("the register is busy with this traveller; try again");
}

absl::StatusOr<PersonId> Register::Resolve(CrossingWriter& writer, const base::Identity& identity) {
  PersonKeys missing = KeysOf(identity);
  GH_ASSIGN_OR_RETURN(const KnownPersons known, writer.FindPersons(missing));
  PersonId person = known.by_document ? *known.by_document : known.by_identity.value_or(PersonId());
  if (person.empty()) {
    person = PersonId(base::NewUuid(deps_.clock, deps_.random));
    GH_RETURN_IF_ERROR(writer.AddPerson(person));
  }
  if (known.by_document) missing.document.reset();
  if (known.by_identity) missing.identity.reset();
  GH_RETURN_IF_ERROR(writer.AddKeys(person, missing, identity.document));
  return person;
}

absl::StatusOr<Recorded> Register::Record(const std::string& request_id, const Passage& passage) {
  Recorded recorded;
  bool reused = false;
  GH_RETURN_IF_ERROR(WriteRacing([&](CrossingWriter& writer) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const std::optional<EarlierCrossing> earlier, writer.FindRequest(request_id, passage));
    if (earlier) {
      reused = !earlier->same_content;
      recorded = {.crossing = earlier->crossing, .person = earlier->person, .repeated = true};
      return absl::OkStatus();
    }
    GH_ASSIGN_OR_RETURN(const PersonId person, Resolve(writer, passage.identity.Reveal()));
    const Crossing crossing{.id = CrossingId(base::NewUuid(deps_.clock, deps_.random)),
                            .person = person,
                            .passage = passage,
                            .record_time = deps_.clock.Now()};
    reused = false;
    recorded = {.crossing = crossing.id, .person = person};
    return writer.AddCrossing(request_id, crossing);
  }));
  if (reused) return Refuse(Reason::kRequestIdReused, "this request id has recorded another crossing");
  return recorded;
}

absl::StatusOr<Crossing> Register::Correct(const NewCorrection& correction) {
  GH_CHECK(CheckCorrection(correction.field, correction.value).empty());
  if (correction.officer.empty()) return Refuse(Reason::kNamedOfficerRequired, "a correction needs a named officer");
  bool reused = false;
  GH_RETURN_IF_ERROR(WriteRacing([&](CrossingWriter& writer) -> absl::Status {
    GH_ASSIGN_OR_RETURN(const std::optional<EarlierCorrection> earlier, writer.FindCorrection(correction));
    reused = earlier && !earlier->same_content;
    if (earlier) return absl::OkStatus();
    return writer.AddCorrection(correction, CorrectionId(base::NewUuid(deps_.clock, deps_.random)), deps_.clock.Now());
  }));
  if (reused) return Refuse(Reason::kRequestIdReused, "this request id has made another correction");
  GH_ASSIGN_OR_RETURN(std::vector<Crossing> found, deps_.store.List({.crossing = correction.crossing}, {}, 1));
  if (found.empty()) return Refuse(Reason::kPersonErased, "the person of this crossing was erased");
  return std::move(found.front());
}

absl::StatusOr<Register::Found> Register::FindPerson(const TravellerQuery& query) {
  if (query.person) return Found{*query.person};
  PersonKeys keys;
  if (query.document) keys.document = base::DocumentText(*query.document);
  if (query.identity) keys.identity = KeysOf(*query.identity).identity;
  GH_ASSIGN_OR_RETURN(const KnownPersons known, deps_.store.FindPersons(keys));
  if (known.by_document) {
    return Found{*known.by_document, keys.identity.has_value() && known.by_identity != known.by_document};
  }
  if (known.by_identity) return Found{*known.by_identity};
  if (query.identity && query.identity->sex == base::Sex::kUnspecified) return FindWithAnySex(*query.identity);
  return NobodyKnown();
}

absl::StatusOr<Register::Found> Register::FindWithAnySex(base::Identity identity) {
  std::optional<PersonId> person;
  for (const base::Sex sex : {base::Sex::kFemale, base::Sex::kMale, base::Sex::kX}) {
    identity.sex = sex;
    GH_ASSIGN_OR_RETURN(const KnownPersons known, deps_.store.FindPersons({.identity = KeysOf(identity).identity}));
    if (!known.by_identity || known.by_identity == person) continue;
    if (person)
      return Refuse(Reason::kSeveralPersons, "several persons have this name and birth date: say the sex too");
    person = known.by_identity;
  }
  if (!person) return NobodyKnown();
  return Found{*person};
}

absl::StatusOr<Traveller> Register::Find(const TravellerQuery& query, int history_size) {
  GH_CHECK(history_size >= 0 && history_size <= kMaxHistory);
  GH_ASSIGN_OR_RETURN(const Found found, FindPerson(query));
  const PersonId& person = found.person;
  GH_ASSIGN_OR_RETURN(PersonSummary summary, deps_.store.Summarise(person));
  GH_ASSIGN_OR_RETURN(std::vector<Crossing> newest,
                      deps_.store.List({.person = person}, {}, std::max(history_size, kLastDirectionDepth)));
  if (newest.empty()) return NobodyKnown();
  Traveller traveller{.person = {.id = person,
                                 .identity = newest.front().passage.identity,
                                 .documents = std::move(summary.documents),
                                 .crossing_count = summary.crossing_count,
                                 .first_crossing_time = summary.first_crossing_time,
                                 .last_crossing_time = summary.last_crossing_time},
                      .document_of_another = found.document_of_another};
  for (const Crossing& crossing : newest) {
    const Passage passage = Corrected(crossing);
    if (passage.outcome != CrossingOutcome::kAdmitted) continue;
    traveller.person.last_direction = passage.direction;
    break;
  }
  if (newest.size() > static_cast<size_t>(history_size)) newest.resize(history_size);
  traveller.history = std::move(newest);
  return traveller;
}

absl::StatusOr<CrossingPage> Register::List(const CrossingFilter& filter, const std::optional<CrossingPosition>& behind,
                                            int size) {
  GH_CHECK(size >= 1 && size <= kMaxPage);
  CrossingPage page;
  GH_ASSIGN_OR_RETURN(page.crossings, deps_.store.List(filter, behind, size + 1));
  if (page.crossings.size() > static_cast<size_t>(size)) {
    page.crossings.resize(size);
    page.next = CrossingPosition{page.crossings.back().passage.time, page.crossings.back().id.value()};
  }
  return page;
}

}  // namespace gatehouse::traveller
