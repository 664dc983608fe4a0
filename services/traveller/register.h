// The register of crossings. It decides three things: which person a crossing belongs to, that one request makes one
// crossing, and what may be corrected. It never decides who may pass.
//
// Persons. Who shows a known document is its person, and who shows an unknown one is whoever has the same name, birth
// date, sex (where both say it) and nationality; else the person is new. Where document and identity say different
// things the identity decides, for a number can be reissued, misread or forged: the passage is that identity's (a new
// person, where it is not known), both persons are linked as possibly the same, and a supervisor looks. Nothing is ever
// merged. The decision is part of the write of the crossing, so that two posts that meet one new person at one moment
// find one person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "services/traveller/crossing.h"
#include "services/traveller/erasure.h"
#include "services/traveller/person_link.h"
#include "services/traveller/ports.h"

namespace gatehouse::traveller {

struct Recorded {
  CrossingId crossing;
  PersonId person;
  bool repeated = false;  // an earlier request with this id had recorded it
};

// Either the person, or what the traveller shows: the document decides, and where it is not known the identity.
struct TravellerQuery {
  std::optional<PersonId> person;
  std::optional<base::DocumentKey> document;
  std::optional<base::Identity> identity;
};

struct Traveller {
  Person person;
  std::vector<Crossing> history;     // newest first
  bool document_of_another = false;  // asked by both, and the document belongs to a person of another identity
  // Asked by both, and the identity is too poor to be a key: found by the document alone, whoever else it may mean.
  bool identity_not_searched = false;
  std::vector<PersonLink> links;  // who may be the same person; newest first, at most kMaxLinks
};

struct CrossingPage {
  std::vector<Crossing> crossings;
  std::optional<ListPosition> next;  // where the next page begins, when there is one
  std::vector<CrossingId> erased;    // of those that were asked for by id; what is in neither was never here
};
struct LinkPage {
  std::vector<PersonLink> links;
  std::optional<ListPosition> next;
};
struct ErasurePage {
  std::vector<Erasure> erasures;
  std::optional<ListPosition> next;
};

// Thread-safe. Where a verb refuses, its status carries a reason (reason.h).
class Register {
 public:
  struct Deps {
    CrossingStore& store;
    base::Clock& clock;
    base::Random& random;
  };
  explicit Register(Deps deps) : deps_(deps) {}

  // Durable on return. kRequestIdReused when the request id has recorded something else.
  absl::StatusOr<Recorded> Record(const Request& request, const Passage& passage);

  // Appends a correction and returns the crossing with it; the same request id appends once. kCrossingNotFound,
  // kPersonErased, kRequestIdReused as above, kNamedOfficerRequired, kTooManyCorrections.
  absl::StatusOr<Crossing> Correct(const NewCorrection& correction);

  // kPersonNotFound when nobody is known by it; kIdentityNotSearched, kPersonErased, kSeveralPersons, kKeyLost and
  // kRowDamaged leave open who it is. `history_size` 0 to kMaxHistory; a history with a crossing that does not read is
  // no history.
  absl::StatusOr<Traveller> Find(const TravellerQuery& query, int history_size);

  // A crossing that does not read is in its place, marked: it stops no list.
  absl::StatusOr<CrossingPage> List(const CrossingFilter& filter, const std::optional<ListPosition>& behind, int size);

  // Erases the person for good; durable on return. The same request id erases once and gives the receipt again.
  // kPersonNotFound, kPersonErased, kRequestIdReused, kNamedOfficerRequired.
  absl::StatusOr<Erasure> Erase(const NewErasure& erasure);
  absl::StatusOr<ErasurePage> ListErasures(const std::optional<ListPosition>& behind, int size);

  // Persons who may be the same, of one person or of all.
  absl::StatusOr<LinkPage> ListLinks(const std::optional<PersonId>& person, const std::optional<ListPosition>& behind,
                                     int size);

 private:
  struct Resolved {
    PersonId person;                          // empty: a new one
    std::optional<PersonId> document_person;  // another one, whose document was shown
    PersonKeys missing;                       // what is not yet anybody's
    bool identity_not_searched = false;       // half an identity was given
  };
  static absl::StatusOr<Resolved> Resolve(CrossingWriter& writer, const base::Identity& identity);
  absl::Status AddPassage(CrossingWriter& writer, const Request& request, const Passage& passage, Recorded& recorded);
  absl::StatusOr<Resolved> FindPerson(const TravellerQuery& query);
  // All of which read.
  absl::StatusOr<std::vector<Crossing>> Newest(const PersonId& person, const std::optional<ListPosition>& behind,
                                               int size);
  // Runs `work` again while another writer was sooner: the next run finds what that one wrote. `person` is whom the
  // last run wrote for, if anybody.
  absl::Status WriteRacing(const std::function<absl::Status(CrossingWriter&)>& work, const PersonId* person);

  const Deps deps_;
};

}  // namespace gatehouse::traveller
