// What the traveller domain needs from outside: a store of crossings.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/traveller/crossing.h"
#include "services/traveller/erasure.h"
#include "services/traveller/person_keys.h"
#include "services/traveller/person_link.h"

namespace gatehouse::traveller {

// An earlier request under the same id.
struct EarlierCrossing {
  CrossingId crossing;
  PersonId person;
  bool same_content = false;  // of an erased person: as far as ids tell
};
struct EarlierCorrection {
  CrossingId crossing;
  bool same_content = false;
};

// Whom the keys are already known to mean.
struct KnownPersons {
  std::optional<PersonId> by_document;
  bool document_has_identity = false;  // that person is known by an identity, whichever
  std::optional<PersonId> by_identity;
};

struct NewCorrection {
  Request request;
  CrossingId crossing;
  CorrectedField field = CorrectedField::kDirection;
  std::string value;
  std::string reason;
  std::string officer;
};

// One atomic piece of writing: it sees its own writes and commits whole or not at all. ALREADY_EXISTS from any verb, or
// from the commit, means that another writer was sooner with the same request id or the same key. What is refused for a
// reason carries it (reason.h).
class CrossingWriter {
 public:
  virtual ~CrossingWriter() = default;
  virtual absl::StatusOr<std::optional<EarlierCrossing>> FindRequest(const Request& request,
                                                                     const Passage& passage) = 0;
  virtual absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) = 0;
  virtual absl::Status AddPerson(const PersonId& person) = 0;
  // The keys that are present become the person's; each key belongs to one person for good.
  virtual absl::Status AddKeys(const PersonId& person, const PersonKeys& keys, const base::DocumentKey& document) = 0;
  // With its event, in the same commit. kPersonErased when the person was erased and still has keys here (a restored
  // store): CrossingStore::Release takes them out.
  virtual absl::Status AddCrossing(const Request& request, const Crossing& crossing) = 0;
  // Nothing when both persons are linked already.
  virtual absl::Status AddLink(const PersonLink& link) = 0;
  virtual absl::StatusOr<std::optional<EarlierCorrection>> FindCorrection(const NewCorrection& correction) = 0;
  // With its event. A corrected time moves the crossing in every list. kCrossingNotFound, kPersonErased;
  // kTooManyCorrections after kMaxCorrections.
  virtual absl::Status AddCorrection(const NewCorrection& correction, const CorrectionId& id, absl::Time time) = 0;
};

// Every field that is set narrows.
struct CrossingFilter {
  std::vector<CrossingId> crossings;  // any of these; empty: whichever
  std::optional<PersonId> person;
  std::optional<std::string> document;  // canonical text of base::DocumentText
  std::optional<std::string> inspection_id;
};

// A place in a list, newest first: behind this one.
struct ListPosition {
  absl::Time time;
  std::string id;
};

// What the store knows of a person beside the crossings.
struct PersonSummary {
  int crossing_count = 0;
  int document_count = 0;
  bool linked = false;  // to a person who may be the same
  absl::Time first_crossing_time;
  absl::Time last_crossing_time;
  base::Redacted<std::vector<base::DocumentKey>> documents;  // newest first, at most kMaxDocuments
};

// Thread-safe.
class CrossingStore {
 public:
  virtual ~CrossingStore() = default;
  // OK means durable. `work` may run more than once and keeps its hands off the world until this returned OK.
  virtual absl::Status Write(const std::function<absl::Status(CrossingWriter&)>& work) = 0;
  virtual absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) = 0;
  // kPersonNotFound, kPersonErased, kKeyLost, kRowDamaged.
  virtual absl::StatusOr<PersonSummary> Summarise(const PersonId& person) = 0;
  // Newest first by crossing time as corrected, at most `limit`, with corrections. Crossings of erased persons are left
  // out; what does not read is in its place and says so (Crossing::unreadable).
  virtual absl::StatusOr<std::vector<Crossing>> List(const CrossingFilter& filter,
                                                     const std::optional<ListPosition>& behind, int limit) = 0;
  // Those of these crossings that were here and were erased with their person.
  virtual absl::StatusOr<std::vector<CrossingId>> FindErased(const std::vector<CrossingId>& crossings) = 0;

  // Durable on return, with its event. Again under the same request id: the same receipt. kPersonNotFound,
  // kPersonErased, kRequestIdReused.
  virtual absl::StatusOr<Erasure> Erase(const NewErasure& erasure, const ErasureId& id, absl::Time time) = 0;
  // Takes out what a restored store still holds of a person who was erased. Nothing when there is nothing.
  virtual absl::Status Release(const PersonId& person) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<Erasure>> ListErasures(const std::optional<ListPosition>& behind, int limit) = 0;
  // Newest first; of one person, or of all.
  virtual absl::StatusOr<std::vector<PersonLink>> ListLinks(const std::optional<PersonId>& person,
                                                            const std::optional<ListPosition>& behind, int limit) = 0;
};

}  // namespace gatehouse::traveller
