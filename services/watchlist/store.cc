#include "services/watchlist/store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/watchlist/events.h"
#include "services/watchlist/schema.h"
#include "services/watchlist/snapshot_codec.h"

namespace gatehouse::watchlist {
namespace {

constexpr char kContentContext[] = "watchlist_version.content";

class SqlBaseStore final : public BaseStore {
 public:
  explicit SqlBaseStore(StoreDeps deps) : deps_(std::move(deps)) {}

  absl::Status Save(const StoredBase& base) override {
    const std::string version_id = base::NewUuid(deps_.clock, deps_.random);
    const std::string content = EncodeSnapshot(base.content);
    const events::Event event = ImportedEvent(base, version_id, base::NewUuid(deps_.clock, deps_.random));
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(std::string sealed, deps_.sealer.Seal(transaction, version_id, kContentContext, content));
      // Numbered in the order of commits, or a replica that had seen a later number would never load this one.
      transaction.AtCommit(
          "INSERT INTO watchlist_version (version_id, base, imported_by, "
          "rejected, content) VALUES (?, ?, ?, ?, ?)",
          {version_id, base.content.base, base.imported_by, base.rejected, sql::Blob{std::move(sealed)}});
      // What is older than the kept versions goes in the same transaction.
      transaction.AtCommit(
          "DELETE FROM watchlist_version WHERE base = ? AND import_number "
          "NOT IN (SELECT import_number FROM "
          "watchlist_version WHERE base = ? ORDER BY import_number DESC "
          "LIMIT ?)",
          {base.content.base, base.content.base, int64_t{kKeptVersions}});
      deps_.outbox.Append(transaction, event);
      return absl::OkStatus();
    }));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<StoredBase>> LoadSince(int64_t import_number) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT version_id, imported_by, rejected, import_number, content "
                                             "FROM watchlist_version v "
                                             "WHERE import_number > ? AND import_number = (SELECT "
                                             "MAX(import_number) FROM "
                                             "watchlist_version w WHERE w.base = v.base) ORDER BY import_number",
                                             {import_number}));
    std::vector<StoredBase> bases;
    for (const sql::Row& row : rows) {
      GH_ASSIGN_OR_RETURN(const std::string content, deps_.sealer.Open(row.Text(0), kContentContext, row.Bytes(4)));
      StoredBase base;
      GH_ASSIGN_OR_RETURN(base.content, DecodeSnapshot(content));
      base.imported_by = row.Text(1);
      base.rejected = row.Int(2);
      base.import_number = row.Int(3);
      bases.push_back(std::move(base));
    }
    return bases;
  }

 private:
  StoreDeps deps_;
};

}  // namespace

std::span<const sql::Migration> Migrations() {
  static const std::string kFirst = absl::StrCat(
      "CREATE TABLE watchlist_version (\n"
      "  import_number {{SERIAL_KEY}},\n"
      "  version_id TEXT NOT NULL UNIQUE,\n"
      "  base TEXT NOT NULL,\n"
      "  imported_by TEXT NOT NULL,\n"
      "  rejected BIGINT NOT NULL,\n"
      "  content {{BLOB}} NOT NULL\n"
      ");\n"
      "CREATE INDEX watchlist_version_base ON watchlist_version "
      "(base, import_number);\n",
      absl::string_view(events::kEventTablesSql), absl::string_view(seal::kSealTablesSql));
  static const sql::Migration kMigrations[] = {
      {.version = 1, .min_reader = 1, .name = "bases, outbox, seal keys", .sql = kFirst},
  };
  return kMigrations;
}

std::unique_ptr<BaseStore> MakeBaseStore(StoreDeps deps) { return std::make_unique<SqlBaseStore>(std::move(deps)); }

}  // namespace gatehouse::watchlist
