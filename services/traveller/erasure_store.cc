#include "services/traveller/erasure_store.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/traveller/events.h"
#include "services/traveller/person_rows_store.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {
namespace {

constexpr char kErasureColumns[] =
    "erasure_id, person_id, reason, case_reference, officer, erase_time, crossing_count, document_count";

Erasure ReadErasure(const sql::Row& row) {
  return {.id = ErasureId(row.Text(0)),
          .person = PersonId(row.Text(1)),
          .reason = static_cast<ErasureReason>(row.Int(2)),
          .case_reference = row.Text(3),
          .officer = row.Text(4),
          .time = absl::FromUnixMicros(row.Int(5)),
          .crossing_count = static_cast<int>(row.Int(6)),
          .document_count = static_cast<int>(row.Int(7))};
}

absl::StatusOr<std::optional<Erasure>> FindEarlier(const StoreDeps& deps, sql::Transaction& transaction,
                                                   const Request& request) {
  GH_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      transaction.Query(absl::StrCat("SELECT ", kErasureColumns, ", request_hash FROM erasure WHERE request_id = ?"),
                        {request.id}));
  if (rows.empty()) return std::nullopt;
  if (rows[0].Bytes(8) != RequestHash(deps.sealer, request).bytes) {
    return Refuse(Reason::kRequestIdReused, "this request id has made another erasure");
  }
  return ReadErasure(rows[0]);
}

// Fills in how much there is, and holds the person until the commit: what another replica records for the person comes
// before the erasure, and is erased, or finds nobody.
absl::Status HoldPerson(sql::Transaction& transaction, Erasure& erasure) {
  GH_ASSIGN_OR_RETURN(std::vector<sql::Row> rows,
                      transaction.Query("UPDATE person SET crossing_count = crossing_count WHERE person_id = ? "
                                        "RETURNING crossing_count, document_count",
                                        {erasure.person.value()}));
  if (!rows.empty()) {
    erasure.crossing_count = static_cast<int>(rows[0].Int(0));
    erasure.document_count = static_cast<int>(rows[0].Int(1));
    return absl::OkStatus();
  }
  GH_ASSIGN_OR_RETURN(
      rows, transaction.Query("SELECT erasure_id FROM erasure WHERE person_id = ?", {erasure.person.value()}));
  if (rows.empty()) return Refuse(Reason::kPersonNotFound, "no such person");
  return Refuse(Reason::kPersonErased, "this person was erased before");
}

}  // namespace

absl::Status ReleaseRows(sql::Transaction& transaction, const PersonId& person) {
  for (const char* statement : {
           "INSERT INTO erased_crossing (crossing_id, request_id, inspection_id, person_id, crossing_time, "
           "record_time) "
           "SELECT crossing_id, request_id, inspection_id, person_id, crossing_time, record_time FROM crossing "
           "WHERE person_id = ?",
           "DELETE FROM correction WHERE crossing_id IN (SELECT crossing_id FROM crossing WHERE person_id = ?)",
           "DELETE FROM crossing WHERE person_id = ?",
           "DELETE FROM person_document WHERE person_id = ?",
           "DELETE FROM person_identity WHERE person_id = ?",
           "DELETE FROM person_link WHERE person_id = ?",
           "DELETE FROM person_link WHERE document_person_id = ?",
           "DELETE FROM person WHERE person_id = ?",
       }) {
    GH_RETURN_IF_ERROR(transaction.Execute(statement, {person.value()}));
  }
  return absl::OkStatus();
}

absl::StatusOr<Erasure> EraseRows(const StoreDeps& deps, sql::Transaction& transaction, const NewErasure& request,
                                  const ErasureId& id, absl::Time time) {
  GH_ASSIGN_OR_RETURN(const std::optional<Erasure> earlier, FindEarlier(deps, transaction, request.request));
  if (earlier) return *earlier;
  Erasure erasure{.id = id,
                  .person = request.person,
                  .reason = request.reason,
                  .case_reference = request.case_reference,
                  .officer = request.officer,
                  .time = time};
  GH_RETURN_IF_ERROR(HoldPerson(transaction, erasure));
  GH_RETURN_IF_ERROR(ReleaseRows(transaction, erasure.person));
  GH_RETURN_IF_ERROR(transaction.Execute(
      absl::StrCat("INSERT INTO erasure (", kErasureColumns,
                   ", request_id, request_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      {id.value(), erasure.person.value(), static_cast<int64_t>(erasure.reason), erasure.case_reference,
       erasure.officer, absl::ToUnixMicros(time), int64_t{erasure.crossing_count}, int64_t{erasure.document_count},
       request.request.id, RequestHash(deps.sealer, request.request)}));
  deps.outbox.Append(transaction, PersonErasedEvent(base::NewUuid(deps.clock, deps.random), erasure));
  return erasure;
}

absl::StatusOr<std::vector<Erasure>> ReadErasures(sql::Database& database, const std::optional<ListPosition>& behind,
                                                  int limit) {
  WhereClause where;
  where.AddBehind("erase_time", "erasure_id", behind);
  where.AddLimit(limit);
  GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                      database.Query(absl::StrCat("SELECT ", kErasureColumns, " FROM erasure ", where.Text(),
                                                  " ORDER BY erase_time DESC, erasure_id DESC LIMIT ?"),
                                     where.params));
  std::vector<Erasure> erasures;
  for (const sql::Row& row : rows) erasures.push_back(ReadErasure(row));
  return erasures;
}

}  // namespace gatehouse::traveller
