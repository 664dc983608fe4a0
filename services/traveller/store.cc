#include "services/traveller/store.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/values.h"
#include "services/traveller/convert.h"
#include "services/traveller/events.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {
namespace {

// What is sealed names its column, so that a blob moved to another one does not open.
constexpr char kCrossingContext[] = "crossing.sealed_crossing";
constexpr char kCorrectionContext[] = "correction.sealed_correction";
constexpr char kDocumentContext[] = "person_document.sealed_document";

using Rows = absl::StatusOr<std::vector<sql::Row>>;
using Query = std::function<Rows(std::string_view sql, sql::Params params)>;

// The same hash in every column that holds a document.
sql::Value DocumentHash(const seal::Sealer& sealer, const std::optional<std::string>& text) {
  if (!text) return std::monostate();
  return sql::Blob{sealer.LookupHash("document", *text)};
}

sql::Value IdentityHash(const seal::Sealer& sealer, const std::optional<std::string>& text) {
  if (!text) return std::monostate();
  return sql::Blob{sealer.LookupHash("identity", *text)};
}

absl::StatusOr<KnownPersons> FindKnown(const Query& query, const seal::Sealer& sealer, const PersonKeys& keys) {
  KnownPersons known;
  if (keys.document) {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        query("SELECT person_id FROM person_document WHERE document_hash = ?", {DocumentHash(sealer, keys.document)}));
    if (!rows.empty()) known.by_document = PersonId(rows[0].Text(0));
  }
  if (keys.identity) {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        query("SELECT person_id FROM person_identity WHERE identity_hash = ?", {IdentityHash(sealer, keys.identity)}));
    if (!rows.empty()) known.by_identity = PersonId(rows[0].Text(0));
  }
  return known;
}

// The content of a request, for telling a repetition from a clash; keyed, because it covers personal data.
sql::Blob RequestHash(const seal::Sealer& sealer, const Passage& passage) {
  return {sealer.LookupHash("crossing_request", StoredPassage(passage))};
}

sql::Blob RequestHash(const seal::Sealer& sealer, const NewCorrection& correction) {
  const Correction content{
      .field = correction.field, .value = correction.value, .reason = correction.reason, .officer = correction.officer};
  return {sealer.LookupHash("correction_request",
                            absl::StrCat(correction.crossing.value(), "|", StoredCorrection(content)))};
}

// Why a sealed value of a person does not open, by the register's reasons.
absl::Status Unopened(const absl::Status& status) {
  if (seal::IsErased(status)) return Refuse(Reason::kPersonErased, "this person was erased");
  if (seal::IsKeyLost(status)) return Refuse(Reason::kKeyLost, "the sealing key of this person is lost");
  if (absl::IsDataLoss(status)) return Refuse(Reason::kRowDamaged, "a sealed value of this person does not open");
  return status;
}

absl::StatusOr<std::string> OpenSealed(seal::Sealer& sealer, const std::string& person, std::string_view context,
                                       const std::string& sealed) {
  absl::StatusOr<std::string> opened = sealer.Open(person, context, sealed);
  if (!opened.ok()) return Unopened(opened.status());
  return opened;
}

class Writer : public CrossingWriter {
 public:
  Writer(StoreDeps& deps, sql::Transaction& transaction) : deps_(deps), transaction_(transaction) {}

  absl::StatusOr<std::optional<EarlierCrossing>> FindRequest(std::string_view request_id,
                                                             const Passage& passage) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction_.Query("SELECT crossing_id, person_id, request_hash FROM crossing "
                                           "WHERE request_id = ?",
                                           {std::string(request_id)}));
    if (rows.empty()) return std::nullopt;
    return EarlierCrossing{.crossing = CrossingId(rows[0].Text(0)),
                           .person = PersonId(rows[0].Text(1)),
                           .same_content = rows[0].Bytes(2) == RequestHash(deps_.sealer, passage).bytes};
  }

  absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
    return FindKnown([this](std::string_view sql, sql::Params params) { return transaction_.Query(sql, params); },
                     deps_.sealer, keys);
  }

  absl::Status AddPerson(const PersonId& person) override {
    new_person_ = person;
    return transaction_.Execute("INSERT INTO person (person_id, create_time) VALUES (?, ?)",
                                {person.value(), absl::ToUnixMicros(deps_.clock.Now())});
  }

  absl::Status AddKeys(const PersonId& person, const PersonKeys& keys, const base::DocumentKey& document) override {
    if (keys.document) {
      GH_ASSIGN_OR_RETURN(const std::string sealed, SealFor(person, kDocumentContext, StoredDocument(document)));
      GH_RETURN_IF_ERROR(transaction_.Execute(
          "INSERT INTO person_document (document_hash, person_id, sealed_document) VALUES (?, ?, ?)",
          {DocumentHash(deps_.sealer, keys.document), person.value(), sql::Blob{sealed}}));
    }
    if (!keys.identity) return absl::OkStatus();
    return transaction_.Execute("INSERT INTO person_identity (identity_hash, person_id) VALUES (?, ?)",
                                {IdentityHash(deps_.sealer, keys.identity), person.value()});
  }

  absl::Status AddCrossing(std::string_view request_id, const Crossing& crossing) override {
    const Passage& passage = crossing.passage;
    const base::Identity& identity = passage.identity.Reveal();
    GH_ASSIGN_OR_RETURN(const std::string sealed, SealFor(crossing.person, kCrossingContext, StoredPassage(passage)));
    GH_ASSIGN_OR_RETURN(std::string sealed_identity, SealFor(crossing.person, kEventIdentityContext,
                                                             rpc::WriteIdentity(identity).SerializeAsString()));
    GH_RETURN_IF_ERROR(transaction_.Execute(
        "INSERT INTO crossing (crossing_id, request_id, request_hash, inspection_id, person_id, document_hash, "
        "crossing_time, record_time, sealed_crossing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {crossing.id.value(), std::string(request_id), RequestHash(deps_.sealer, passage), passage.inspection_id,
         crossing.person.value(), DocumentHash(deps_.sealer, base::DocumentText(identity.document)),
         absl::ToUnixMicros(passage.time), absl::ToUnixMicros(crossing.record_time), sql::Blob{sealed}}));
    deps_.outbox.Append(transaction_, CrossingRecordedEvent(base::NewUuid(deps_.clock, deps_.random), crossing,
                                                            std::move(sealed_identity)));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<EarlierCorrection>> FindCorrection(const NewCorrection& correction) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction_.Query("SELECT crossing_id, request_hash FROM correction WHERE request_id = ?",
                                           {correction.request_id}));
    if (rows.empty()) return std::nullopt;
    return EarlierCorrection{.crossing = CrossingId(rows[0].Text(0)),
                             .same_content = rows[0].Bytes(1) == RequestHash(deps_.sealer, correction).bytes};
  }

  absl::Status AddCorrection(const NewCorrection& request, const CorrectionId& id, absl::Time time) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        transaction_.Query("SELECT person_id, (SELECT COUNT(*) FROM correction WHERE correction.crossing_id = "
                           "crossing.crossing_id) FROM crossing WHERE crossing_id = ?",
                           {request.crossing.value()}));
    if (rows.empty()) return Refuse(Reason::kCrossingNotFound, "no such crossing");
    const int64_t earlier = rows[0].Int(1);
    if (earlier >= kMaxCorrections) return Refuse(Reason::kTooManyCorrections, "this crossing was corrected too often");
    const Correction correction{.id = id,
                                .field = request.field,
                                .value = request.value,
                                .reason = request.reason,
                                .officer = request.officer,
                                .time = time};
    GH_ASSIGN_OR_RETURN(const std::string sealed,
                        SealFor(PersonId(rows[0].Text(0)), kCorrectionContext, StoredCorrection(correction)));
    GH_RETURN_IF_ERROR(transaction_.Execute(
        "INSERT INTO correction (correction_id, request_id, request_hash, crossing_id, ordinal, correction_time, "
        "sealed_correction) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {id.value(), request.request_id, RequestHash(deps_.sealer, request), request.crossing.value(), earlier,
         absl::ToUnixMicros(time), sql::Blob{sealed}}));
    deps_.outbox.Append(transaction_, CrossingCorrectedEvent(base::NewUuid(deps_.clock, deps_.random), request.crossing,
                                                             correction, earlier + 2));
    return absl::OkStatus();
  }

 private:
  // A person who is known has a key: where it was lost, none is made in its place.
  absl::StatusOr<std::string> SealFor(const PersonId& person, std::string_view context, const std::string& plaintext) {
    absl::StatusOr<std::string> sealed = person == new_person_
                                             ? deps_.sealer.Seal(transaction_, person.value(), context, plaintext)
                                             : deps_.sealer.SealKnown(transaction_, person.value(), context, plaintext);
    if (!sealed.ok()) return Unopened(sealed.status());
    return sealed;
  }

  StoreDeps& deps_;
  sql::Transaction& transaction_;
  std::optional<PersonId> new_person_;  // made by this command
};

// The WHERE of a list, built of fixed pieces; values go by parameter.
struct Conditions {
  std::vector<std::string> pieces;
  sql::Params params;
  void Add(std::string piece, sql::Value value) {
    pieces.push_back(std::move(piece));
    params.push_back(std::move(value));
  }
  std::string Where() const { return pieces.empty() ? "" : absl::StrCat("WHERE ", absl::StrJoin(pieces, " AND ")); }
};

class Store : public CrossingStore {
 public:
  explicit Store(StoreDeps deps) : deps_(deps) {}

  absl::Status Write(const std::function<absl::Status(CrossingWriter&)>& work) override {
    GH_RETURN_IF_ERROR(deps_.database.Write([this, &work](sql::Transaction& transaction) -> absl::Status {
      Writer writer(deps_, transaction);
      return work(writer);
    }));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
    return FindKnown([this](std::string_view sql, sql::Params params) { return deps_.database.Query(sql, params); },
                     deps_.sealer, keys);
  }

  absl::StatusOr<PersonSummary> Summarise(const PersonId& person) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> counts,
                        deps_.database.Query("SELECT COUNT(*), MIN(crossing_time), MAX(crossing_time) FROM crossing "
                                             "WHERE person_id = ?",
                                             {person.value()}));
    if (counts.empty() || counts[0].Int(0) == 0)
      return Refuse(Reason::kPersonNotFound, "no crossing is recorded for this person");
    PersonSummary summary{.crossing_count = static_cast<int>(counts[0].Int(0)),
                          .first_crossing_time = absl::FromUnixMicros(counts[0].Int(1)),
                          .last_crossing_time = absl::FromUnixMicros(counts[0].Int(2))};
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query("SELECT sealed_document FROM person_document WHERE person_id = ?", {person.value()}));
    for (const sql::Row& row : rows) {
      GH_ASSIGN_OR_RETURN(const std::string blob,
                          OpenSealed(deps_.sealer, person.value(), kDocumentContext, row.Bytes(0)));
      GH_ASSIGN_OR_RETURN(base::DocumentKey document, ReadStoredDocument(blob));
      summary.documents.Reveal().push_back(std::move(document));
    }
    return summary;
  }

  absl::StatusOr<std::vector<Crossing>> List(const CrossingFilter& filter,
                                             const std::optional<CrossingPosition>& behind, int limit) override {
    std::vector<Crossing> found;
    std::optional<CrossingPosition> position = behind;
    // Erased persons leave gaps, so one read may give fewer crossings than rows.
    while (found.size() < static_cast<size_t>(limit)) {
      const int missing = limit - static_cast<int>(found.size());
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, ReadRows(filter, position, missing));
      for (const sql::Row& row : rows) {
        absl::StatusOr<Crossing> crossing = Open(row);
        if (crossing.ok()) {
          found.push_back(*std::move(crossing));
        } else if (ReasonOf(crossing.status()) != Reason::kPersonErased) {
          return crossing.status();
        }
      }
      if (rows.size() < static_cast<size_t>(missing)) break;
      position = CrossingPosition{absl::FromUnixMicros(rows.back().Int(2)), rows.back().Text(0)};
    }
    GH_RETURN_IF_ERROR(AddCorrections(found));
    return found;
  }

 private:
  absl::StatusOr<std::vector<sql::Row>> ReadRows(const CrossingFilter& filter,
                                                 const std::optional<CrossingPosition>& behind, int limit) {
    Conditions conditions;
    if (filter.crossing) conditions.Add("crossing_id = ?", filter.crossing->value());
    if (filter.person) conditions.Add("person_id = ?", filter.person->value());
    if (filter.document) conditions.Add("document_hash = ?", DocumentHash(deps_.sealer, filter.document));
    if (filter.inspection_id) conditions.Add("inspection_id = ?", *filter.inspection_id);
    if (behind) {
      conditions.pieces.push_back("(crossing_time, crossing_id) < (?, ?)");
      conditions.params.push_back(absl::ToUnixMicros(behind->time));
      conditions.params.push_back(behind->id);
    }
    conditions.params.push_back(static_cast<int64_t>(limit));
    return deps_.database.Query(
        absl::StrCat("SELECT crossing_id, person_id, crossing_time, record_time, sealed_crossing FROM crossing ",
                     conditions.Where(), " ORDER BY crossing_time DESC, crossing_id DESC LIMIT ?"),
        conditions.params);
  }

  absl::StatusOr<Crossing> Open(const sql::Row& row) {
    Crossing crossing{.id = CrossingId(row.Text(0)),
                      .person = PersonId(row.Text(1)),
                      .record_time = absl::FromUnixMicros(row.Int(3))};
    GH_ASSIGN_OR_RETURN(const std::string blob,
                        OpenSealed(deps_.sealer, crossing.person.value(), kCrossingContext, row.Bytes(4)));
    GH_ASSIGN_OR_RETURN(crossing.passage, ReadStoredPassage(blob));
    return crossing;
  }

  absl::Status AddCorrections(std::vector<Crossing>& crossings) {
    if (crossings.empty()) return absl::OkStatus();
    std::map<std::string, Crossing*> by_id;
    sql::Params params;
    for (Crossing& crossing : crossings) {
      by_id[crossing.id.value()] = &crossing;
      params.push_back(crossing.id.value());
    }
    const std::vector<std::string> marks(crossings.size(), "?");
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query(
                            absl::StrCat("SELECT crossing_id, sealed_correction FROM correction WHERE crossing_id IN (",
                                         absl::StrJoin(marks, ","), ") ORDER BY crossing_id, ordinal"),
                            params));
    for (const sql::Row& row : rows) {
      Crossing& crossing = *by_id.at(row.Text(0));
      GH_ASSIGN_OR_RETURN(const std::string blob,
                          OpenSealed(deps_.sealer, crossing.person.value(), kCorrectionContext, row.Bytes(1)));
      GH_ASSIGN_OR_RETURN(Correction correction, ReadStoredCorrection(blob));
      crossing.corrections.push_back(std::move(correction));
    }
    return absl::OkStatus();
  }

  StoreDeps deps_;
};

}  // namespace

std::unique_ptr<CrossingStore> MakeStore(StoreDeps deps) { return std::make_unique<Store>(deps); }

}  // namespace gatehouse::traveller
