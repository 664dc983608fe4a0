#include "services/document/challenge_store.h"

#include <vector>

#include "libs/base/status_macros.h"

namespace gatehouse::document {
namespace {

class SqlChallengeRepository final : public ChallengeRepository {
 public:
  explicit SqlChallengeRepository(sql::Database& database) : database_(database) {}

  absl::Status Save(const Challenge& challenge, absl::Time now) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      // Nobody else clears away what was never answered.
      GH_RETURN_IF_ERROR(
          transaction.Execute("DELETE FROM document_challenge WHERE expiry_time <= ?", {absl::ToUnixMicros(now)}));
      return transaction.Execute("INSERT INTO document_challenge (id, challenge, expiry_time) VALUES (?, ?, ?)",
                                 {challenge.id, sql::Blob{challenge.bytes}, absl::ToUnixMicros(challenge.expiry)});
    });
  }

  absl::StatusOr<std::optional<std::string>> Take(const std::string& id, absl::Time now) override {
    std::optional<std::string> taken;
    // One statement: of two replicas one deletes the row, and the other finds none.
    GH_RETURN_IF_ERROR(database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      taken.reset();
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          transaction.Query("DELETE FROM document_challenge WHERE id = ? AND expiry_time > ? "
                                            "RETURNING challenge",
                                            {id, absl::ToUnixMicros(now)}));
      if (!rows.empty()) taken = rows.front().Bytes(0);
      return absl::OkStatus();
    }));
    return taken;
  }

 private:
  sql::Database& database_;
};

}  // namespace

const char kChallengeTableSql[] =
    "CREATE TABLE document_challenge (\n"
    "  id TEXT PRIMARY KEY,\n"
    "  challenge {{BLOB}} NOT NULL,\n"
    "  expiry_time BIGINT NOT NULL\n"
    ");\n"
    "CREATE INDEX document_challenge_expiry ON document_challenge (expiry_time);\n";

std::unique_ptr<ChallengeRepository> MakeChallengeRepository(sql::Database& database) {
  return std::make_unique<SqlChallengeRepository>(database);
}

}  // namespace gatehouse::document
