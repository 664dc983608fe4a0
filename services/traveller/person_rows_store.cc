#include "services/traveller/person_rows_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {

sql::Value DocumentHash(const seal::Sealer& sealer, const std::optional<std::string>& text) {
  if (!text) return std::monostate();
  return sql::Blob{sealer.LookupHash("document", *text)};
}

sql::Value IdentityHash(const seal::Sealer& sealer, const std::optional<std::string>& text) {
  if (!text) return std::monostate();
  return sql::Blob{sealer.LookupHash("identity", *text)};
}

sql::Blob RequestHash(const seal::Sealer& sealer, const Request& request) {
  return {sealer.LookupHash("request", request.digest)};
}

absl::StatusOr<KnownPersons> FindKnown(const Query& query, const seal::Sealer& sealer, const PersonKeys& keys) {
  KnownPersons known;
  if (keys.document) {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        query("SELECT person_id, (SELECT COUNT(*) FROM person_identity WHERE person_identity.person_id "
                              "= person_document.person_id) FROM person_document WHERE document_hash = ?",
                              {DocumentHash(sealer, keys.document)}));
    if (!rows.empty()) {
      known.by_document = PersonId(rows[0].Text(0));
      known.document_has_identity = rows[0].Int(1) > 0;
    }
  }
  if (keys.identity) {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        query("SELECT person_id FROM person_identity WHERE identity_hash = ?", {IdentityHash(sealer, keys.identity)}));
    if (!rows.empty()) known.by_identity = PersonId(rows[0].Text(0));
  }
  return known;
}

absl::Status Unopened(const absl::Status& status) {
  if (seal::IsErased(status)) return Refuse(Reason::kPersonErased, "this person was erased");
  if (seal::IsKeyLost(status)) return Refuse(Reason::kKeyLost, "the sealing key of this person is lost");
  if (absl::IsDataLoss(status)) return Refuse(Reason::kRowDamaged, "a sealed value of this person does not open");
  return status;
}

absl::StatusOr<std::string> OpenSealed(seal::Sealer& sealer, const PersonId& person, std::string_view context,
                                       const std::string& sealed) {
  absl::StatusOr<std::string> opened = sealer.Open(person.value(), context, sealed);
  if (!opened.ok()) return Unopened(opened.status());
  return opened;
}

void WhereClause::Add(std::string piece, sql::Value value) {
  pieces.push_back(std::move(piece));
  params.push_back(std::move(value));
}

void WhereClause::AddBehind(std::string_view time_column, std::string_view id_column,
                            const std::optional<ListPosition>& behind) {
  if (!behind) return;
  pieces.push_back(absl::StrCat("(", std::string(time_column), ", ", std::string(id_column), ") < (?, ?)"));
  params.emplace_back(absl::ToUnixMicros(behind->time));
  params.emplace_back(behind->id);
}

void WhereClause::AddLimit(int limit) { params.emplace_back(static_cast<int64_t>(limit)); }

std::string WhereClause::Text() const {
  return pieces.empty() ? "" : absl::StrCat("WHERE ", absl::StrJoin(pieces, " AND "));
}

}  // namespace gatehouse::traveller
