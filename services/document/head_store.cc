#include "services/document/head_store.h"

#include <string>
#include <vector>

#include "libs/base/status_macros.h"

namespace gatehouse::document {

absl::StatusOr<Head> ReadHead(sql::Database& database, std::string_view history) {
  GH_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      database.Query("SELECT newest, held FROM document_head WHERE history = ?", {std::string(history)}));
  if (rows.empty()) return absl::DataLossError("the head of its history is lost");
  return Head{.newest = rows.front().Int(0), .held = rows.front().Int(1)};
}

absl::Status AdvanceHead(sql::Transaction& transaction, std::string_view history, int64_t newest, int64_t added) {
  return transaction.Execute("UPDATE document_head SET newest = ?, held = held + ? WHERE history = ?",
                             {newest, added, std::string(history)});
}

const char kHeadTableSql[] =
    "CREATE TABLE document_head (\n"
    "  history TEXT NOT NULL PRIMARY KEY,\n"
    "  newest BIGINT NOT NULL,\n"
    "  held BIGINT NOT NULL\n"
    ");\n"
    "INSERT INTO document_head (history, newest, held)\n"
    "  SELECT 'trust', COALESCE(MAX(change_number), 0), COUNT(*) FROM document_trust_change;\n"
    "INSERT INTO document_head (history, newest, held)\n"
    "  SELECT 'notices', (SELECT COALESCE(MAX(import_number), 0) FROM document_notice_import), COUNT(*)\n"
    "  FROM document_notice;\n";

}  // namespace gatehouse::document
