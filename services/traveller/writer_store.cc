#include "services/traveller/writer_store.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/values.h"
#include "services/traveller/convert.h"
#include "services/traveller/correction.h"
#include "services/traveller/events.h"
#include "services/traveller/person_rows_store.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {
namespace {

class Writer : public CrossingWriter {
 public:
  Writer(const StoreDeps& deps, sql::Transaction& transaction) : deps_(deps), transaction_(transaction) {}

  absl::StatusOr<std::optional<EarlierCrossing>> FindRequest(const Request& request, const Passage& passage) override {
    GH_ASSIGN_OR_RETURN(std::vector<sql::Row> rows,
                        transaction_.Query("SELECT crossing_id, person_id, request_hash FROM crossing "
                                           "WHERE request_id = ?",
                                           {request.id}));
    if (!rows.empty()) {
      return EarlierCrossing{.crossing = CrossingId(rows[0].Text(0)),
                             .person = PersonId(rows[0].Text(1)),
                             .same_content = rows[0].Bytes(2) == RequestHash(deps_.sealer, request).bytes};
    }
    GH_ASSIGN_OR_RETURN(rows, transaction_.Query("SELECT crossing_id, person_id, inspection_id FROM erased_crossing "
                                                 "WHERE request_id = ?",
                                                 {request.id}));
    if (rows.empty()) return std::nullopt;
    // What the request said went with the person; the inspection is what is left to know it by.
    return EarlierCrossing{.crossing = CrossingId(rows[0].Text(0)),
                           .person = PersonId(rows[0].Text(1)),
                           .same_content = rows[0].Text(2) == passage.inspection_id};
  }

  absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
    return FindKnown([this](std::string_view sql, sql::Params params) { return transaction_.Query(sql, params); },
                     deps_.sealer, keys);
  }

  absl::Status AddPerson(const PersonId& person) override {
    new_person_ = person;
    return transaction_.Execute(
        "INSERT INTO person (person_id, create_time, crossing_count, document_count) VALUES (?, ?, 0, 0)",
        {person.value(), absl::ToUnixMicros(deps_.clock.Now())});
  }

  absl::Status AddKeys(const PersonId& person, const PersonKeys& keys, const base::DocumentKey& document) override {
    if (keys.document) {
      GH_ASSIGN_OR_RETURN(const int64_t ordinal, Count(person, /*crossings=*/0, /*documents=*/1));
      GH_ASSIGN_OR_RETURN(const std::string sealed, SealFor(person, kDocumentContext, StoredDocument(document)));
      GH_RETURN_IF_ERROR(transaction_.Execute(
          "INSERT INTO person_document (document_hash, person_id, ordinal, sealed_document) VALUES (?, ?, ?, ?)",
          {DocumentHash(deps_.sealer, keys.document), person.value(), ordinal, sql::Blob{sealed}}));
    }
    if (!keys.identity) return absl::OkStatus();
    return transaction_.Execute("INSERT INTO person_identity (identity_hash, person_id) VALUES (?, ?)",
                                {IdentityHash(deps_.sealer, keys.identity), person.value()});
  }

  absl::Status AddCrossing(const Request& request, const Crossing& crossing) override {
    const Passage& passage = crossing.passage;
    const base::Identity& identity = passage.identity.Reveal();
    // First: it holds the person until the commit, so that an erasure by another replica comes before all of this or
    // after it.
    GH_RETURN_IF_ERROR(Count(crossing.person, /*crossings=*/1, /*documents=*/0).status());
    GH_ASSIGN_OR_RETURN(const std::string sealed,
                        SealFor(crossing.person, kCrossingContext, seal::Pack(StoredPassage(passage))));
    GH_ASSIGN_OR_RETURN(std::string sealed_identity, SealFor(crossing.person, kEventIdentityContext,
                                                             rpc::WriteIdentity(identity).SerializeAsString()));
    GH_RETURN_IF_ERROR(transaction_.Execute(
        "INSERT INTO crossing (crossing_id, request_id, request_hash, inspection_id, person_id, document_hash, "
        "crossing_time, record_time, sealed_crossing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {crossing.id.value(), request.id, RequestHash(deps_.sealer, request), passage.inspection_id,
         crossing.person.value(), DocumentHash(deps_.sealer, base::DocumentText(identity.document)),
         absl::ToUnixMicros(crossing.corrected_time), absl::ToUnixMicros(crossing.record_time), sql::Blob{sealed}}));
    deps_.outbox.Append(transaction_, CrossingRecordedEvent(base::NewUuid(deps_.clock, deps_.random), crossing,
                                                            std::move(sealed_identity)));
    return absl::OkStatus();
  }

  absl::Status AddLink(const PersonLink& link) override {
    return transaction_.Execute(
        "INSERT INTO person_link (link_id, person_id, document_person_id, confidence, crossing_id, link_time) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person_id, document_person_id) DO NOTHING",
        {link.id.value(), link.person.value(), link.document_person.value(), static_cast<int64_t>(link.confidence),
         link.crossing.value(), absl::ToUnixMicros(link.time)});
  }

  absl::StatusOr<std::optional<EarlierCorrection>> FindCorrection(const NewCorrection& correction) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction_.Query("SELECT crossing_id, request_hash FROM correction WHERE request_id = ?",
                                           {correction.request.id}));
    if (rows.empty()) return std::nullopt;
    return EarlierCorrection{.crossing = CrossingId(rows[0].Text(0)),
                             .same_content = rows[0].Bytes(1) == RequestHash(deps_.sealer, correction.request).bytes};
  }

  absl::Status AddCorrection(const NewCorrection& request, const CorrectionId& id, absl::Time time) override {
    const Correction correction{.id = id,
                                .field = request.field,
                                .value = request.value,
                                .reason = request.reason,
                                .officer = request.officer,
                                .time = time};
    GH_ASSIGN_OR_RETURN(const PersonId person, PersonOf(request.crossing));
    GH_RETURN_IF_ERROR(Count(person, /*crossings=*/0, /*documents=*/0).status());
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        transaction_.Query("SELECT COUNT(*) FROM correction WHERE crossing_id = ?", {request.crossing.value()}));
    const int64_t earlier = rows[0].Int(0);
    if (earlier >= kMaxCorrections) return Refuse(Reason::kTooManyCorrections, "this crossing was corrected too often");
    GH_ASSIGN_OR_RETURN(const std::string sealed, SealFor(person, kCorrectionContext, StoredCorrection(correction)));
    GH_RETURN_IF_ERROR(transaction_.Execute(
        "INSERT INTO correction (correction_id, request_id, request_hash, crossing_id, ordinal, correction_time, "
        "sealed_correction) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {id.value(), request.request.id, RequestHash(deps_.sealer, request.request), request.crossing.value(), earlier,
         absl::ToUnixMicros(time), sql::Blob{sealed}}));
    if (request.field == CorrectedField::kCrossingTime) {
      // What was recorded stays in the sealed crossing; the column is the place in lists.
      const absl::Time corrected = Corrected({.corrections = {correction}}).time;
      GH_RETURN_IF_ERROR(transaction_.Execute("UPDATE crossing SET crossing_time = ? WHERE crossing_id = ?",
                                              {absl::ToUnixMicros(corrected), request.crossing.value()}));
    }
    deps_.outbox.Append(transaction_, CrossingCorrectedEvent(base::NewUuid(deps_.clock, deps_.random), request.crossing,
                                                             correction, earlier + 2));
    return absl::OkStatus();
  }

 private:
  // Adds to what is counted with the person, and holds the row until the commit. Gives the number of documents.
  absl::StatusOr<int64_t> Count(const PersonId& person, int64_t crossings, int64_t documents) {
    GH_ASSIGN_OR_RETURN(
        std::vector<sql::Row> rows,
        transaction_.Query("UPDATE person SET crossing_count = crossing_count + ?, document_count = document_count + ? "
                           "WHERE person_id = ? RETURNING document_count",
                           {crossings, documents, person.value()}));
    if (!rows.empty()) return rows[0].Int(0);
    GH_ASSIGN_OR_RETURN(rows,
                        transaction_.Query("SELECT erasure_id FROM erasure WHERE person_id = ?", {person.value()}));
    if (rows.empty()) return Refuse(Reason::kRowDamaged, "the row of a person who has keys is missing");
    return absl::AlreadyExistsError("the person was erased since the keys were read");
  }

  absl::StatusOr<PersonId> PersonOf(const CrossingId& crossing) {
    GH_ASSIGN_OR_RETURN(std::vector<sql::Row> rows,
                        transaction_.Query("SELECT person_id FROM crossing WHERE crossing_id = ?", {crossing.value()}));
    if (!rows.empty()) return PersonId(rows[0].Text(0));
    GH_ASSIGN_OR_RETURN(
        rows, transaction_.Query("SELECT person_id FROM erased_crossing WHERE crossing_id = ?", {crossing.value()}));
    if (rows.empty()) return Refuse(Reason::kCrossingNotFound, "no such crossing");
    return Refuse(Reason::kPersonErased, "the person of this crossing was erased");
  }

  // A person who is known has a key: where it was lost, none is made in its place.
  // `plaintext`: bytes, or a seal::Packed.
  template <typename Plaintext>
  absl::StatusOr<std::string> SealFor(const PersonId& person, std::string_view context, const Plaintext& plaintext) {
    absl::StatusOr<std::string> sealed = person == new_person_
                                             ? deps_.sealer.Seal(transaction_, person.value(), context, plaintext)
                                             : deps_.sealer.SealKnown(transaction_, person.value(), context, plaintext);
    if (!sealed.ok()) return Unopened(sealed.status());
    return sealed;
  }

  const StoreDeps& deps_;
  sql::Transaction& transaction_;
  std::optional<PersonId> new_person_;  // made by this command
};

}  // namespace

std::unique_ptr<CrossingWriter> MakeWriter(const StoreDeps& deps, sql::Transaction& transaction) {
  return std::make_unique<Writer>(deps, transaction);
}

}  // namespace gatehouse::traveller
