#include "services/document/request_store.h"

#include <algorithm>

#include "libs/base/status_macros.h"

namespace gatehouse::document {
namespace {

constexpr char kInsert[] = "INSERT INTO document_request (request_id, digest, answer, answer_time) VALUES (?, ?, ?, ?)";

sql::Params ParamsOf(const AnsweredRequest& request) {
  return {request.id, sql::Blob{request.digest}, sql::Blob{request.answer}, absl::ToUnixMicros(request.time)};
}

class SqlRequestRepository final : public RequestRepository {
 public:
  explicit SqlRequestRepository(sql::Database& database) : database_(database) {}

  absl::StatusOr<std::optional<AnsweredRequest>> Find(const std::string& id) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        database_.Query("SELECT digest, answer, answer_time FROM document_request WHERE request_id = ?", {id}));
    if (rows.empty()) return std::nullopt;
    const sql::Row& row = rows.front();
    return AnsweredRequest{id, row.Bytes(0), row.Bytes(1), absl::FromUnixMicros(row.Int(2))};
  }

  absl::Status Keep(const AnsweredRequest& request) override {
    return database_.Write([&](sql::Transaction& transaction) {
      return transaction.Execute(std::string(kInsert) + " ON CONFLICT (request_id) DO NOTHING", ParamsOf(request));
    });
  }

  absl::Status Prune(absl::Time oldest) override {
    const int64_t before = absl::ToUnixMicros(oldest);
    // What goes in this round ends at the last of these rows.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT answer_time FROM document_request WHERE answer_time < ? "
                                        "ORDER BY answer_time LIMIT ?",
                                        {before, int64_t{kMaxPrunedRequests}}));
    if (rows.empty()) return absl::OkStatus();
    return database_.Write([&](sql::Transaction& transaction) {
      return transaction.Execute("DELETE FROM document_request WHERE answer_time <= ?", {rows.back().Int(0)});
    });
  }

 private:
  sql::Database& database_;
};

}  // namespace

const char kRequestTableSql[] =
    "CREATE TABLE document_request (\n"
    "  request_id TEXT NOT NULL PRIMARY KEY,\n"
    "  digest {{BLOB}} NOT NULL,\n"
    "  answer {{BLOB}} NOT NULL,\n"
    "  answer_time BIGINT NOT NULL\n"
    ");\n"
    "CREATE INDEX document_request_time ON document_request (answer_time);\n";

absl::Status WriteAnswered(sql::Transaction& transaction, const AnsweredRequest* request) {
  if (request == nullptr) return absl::OkStatus();
  GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                      transaction.Query("SELECT request_id FROM document_request WHERE request_id = ?", {request->id}));
  if (!rows.empty()) return absl::AbortedError("request_id: answered meanwhile");
  return transaction.Execute(kInsert, ParamsOf(*request));
}

std::unique_ptr<RequestRepository> MakeRequestRepository(sql::Database& database) {
  return std::make_unique<SqlRequestRepository>(database);
}

}  // namespace gatehouse::document
