// The register of crossings. It decides three things: which person a crossing belongs to, that one request makes one
// crossing, and what may be corrected. It never decides who may pass.
//
// Persons. The same document (issuer and number) is the same person; else the same name, birth date, sex and
// nationality is; else the person is new. The decision is part of the write of the crossing, so that two posts that
// meet one new person at one moment find one person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "services/traveller/crossing.h"
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
};

struct CrossingPage {
  std::vector<Crossing> crossings;
  std::optional<CrossingPosition> next;  // where the next page begins, when there is one
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
  absl::StatusOr<Recorded> Record(const std::string& request_id, const Passage& passage);

  // Appends a correction and returns the crossing with it; the same request id appends once. kCrossingNotFound,
  // kPersonErased, kRequestIdReused as above, kNamedOfficerRequired, kTooManyCorrections.
  absl::StatusOr<Crossing> Correct(const NewCorrection& correction);

  // kPersonNotFound when nobody is known by it; kPersonErased, kSeveralPersons, kKeyLost and kRowDamaged leave open who
  // it is. `history_size` 0 to kMaxHistory.
  absl::StatusOr<Traveller> Find(const TravellerQuery& query, int history_size);

  absl::StatusOr<CrossingPage> List(const CrossingFilter& filter, const std::optional<CrossingPosition>& behind,
                                    int size);

 private:
  absl::StatusOr<PersonId> Resolve(CrossingWriter& writer, const base::Identity& identity);
  struct Found {
    PersonId person;
    bool document_of_another = false;
  };
  absl::StatusOr<Found> FindPerson(const TravellerQuery& query);
  // Whoever asks may not know the sex, which is part of a person's key.
  absl::StatusOr<Found> FindWithAnySex(base::Identity identity);
  // Runs `work` again while another writer was sooner: the next run finds what that one wrote.
  absl::Status WriteRacing(const std::function<absl::Status(CrossingWriter&)>& work);

  const Deps deps_;
};

}  // namespace gatehouse::traveller
