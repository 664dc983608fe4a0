#include "services/document/store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/seal/seal.h"
#include "services/document/events.h"
#include "services/document/schema.h"

namespace gatehouse::document {
namespace {

class SqlTrustRepository final : public TrustRepository {
 public:
  explicit SqlTrustRepository(StoreDeps deps) : deps_(std::move(deps)) {}

  absl::Status Save(const std::vector<TrustFile>& files) override {
    const events::Event event = TrustImportedEvent(files, deps_.clock.Now(), base::NewUuid(deps_.clock, deps_.random));
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      for (const TrustFile& file : files) {
        // Numbered in the order of commits, or a replica that had seen a later number would never load this one.
        transaction.AtCommit(
            "INSERT INTO document_trust_file (sha256, name, imported_by, "
            "import_time, content) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (sha256) DO NOTHING",
            {file.sha256, file.name, file.imported_by, absl::ToUnixMicros(file.imported_at), sql::Blob{file.content}});
      }
      deps_.outbox.Append(transaction, event);
      return absl::OkStatus();
    }));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<TrustFile>> LoadSince(int64_t import_number) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT import_number, sha256, name, imported_by, "
                                             "import_time, content "
                                             "FROM document_trust_file WHERE import_number > ? "
                                             "ORDER BY import_number",
                                             {import_number}));
    std::vector<TrustFile> files;
    for (const sql::Row& row : rows) {
      files.push_back({.name = row.Text(2),
                       .content = row.Bytes(5),
                       .sha256 = row.Text(1),
                       .imported_by = row.Text(3),
                       .imported_at = absl::FromUnixMicros(row.Int(4)),
                       .import_number = row.Int(0)});
    }
    return files;
  }

 private:
  StoreDeps deps_;
};

}  // namespace

std::span<const sql::Migration> Migrations() {
  static const std::string kFirst = absl::StrCat(
      "CREATE TABLE document_trust_file (\n"
      "  import_number {{SERIAL_KEY}},\n"
      "  sha256 TEXT NOT NULL UNIQUE,\n"
      "  name TEXT NOT NULL,\n"
      "  imported_by TEXT NOT NULL,\n"
      "  import_time BIGINT NOT NULL,\n"
      "  content {{BLOB}} NOT NULL\n"
      ");\n",
      absl::string_view(events::kEventTablesSql), absl::string_view(seal::kSealTablesSql));
  static const sql::Migration kMigrations[] = {
      {.version = 1, .min_reader = 1, .name = "trust files, outbox, seal keys", .sql = kFirst},
  };
  return kMigrations;
}

std::unique_ptr<TrustRepository> MakeTrustRepository(StoreDeps deps) {
  return std::make_unique<SqlTrustRepository>(std::move(deps));
}

}  // namespace gatehouse::document
