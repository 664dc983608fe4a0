#include "services/watchlist/store.h"

#include <algorithm>
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

bool HoldsDocuments(const SnapshotContent& content) {
  return !content.documents.empty() || std::any_of(content.records.begin(), content.records.end(),
                                                   [](const ListRecord& record) { return !record.documents.empty(); });
}

bool HoldsPersons(const SnapshotContent& content) {
  return std::any_of(content.records.begin(), content.records.end(),
                     [](const ListRecord& record) { return record.kind == RecordKind::kPerson; });
}

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
      transaction.AtCommit(
          "INSERT INTO watchlist_base (base, import_number, version_id, persons, documents) VALUES (?, (SELECT "
          "import_number FROM watchlist_version WHERE version_id = ?), ?, ?, ?) ON CONFLICT (base) DO UPDATE SET "
          "import_number = excluded.import_number, version_id = excluded.version_id, persons = excluded.persons, "
          "documents = excluded.documents",
          {base.content.base, version_id, version_id, int64_t{HoldsPersons(base.content)},
           int64_t{HoldsDocuments(base.content)}});
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

  absl::StatusOr<std::vector<BaseHead>> Heads() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT base, import_number, version_id, persons, documents "
                                             "FROM watchlist_base ORDER BY base"));
    std::vector<BaseHead> heads;
    for (const sql::Row& row : rows) {
      heads.push_back({.base = row.Text(0),
                       .import_number = row.Int(1),
                       .version_id = row.Text(2),
                       .holds_persons = row.Int(3) != 0,
                       .holds_documents = row.Int(4) != 0});
    }
    // Editions of a base that no head names: its row was lost, and nobody knows whether the newest edition was too.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> headless,
                        deps_.database.Query("SELECT DISTINCT base FROM watchlist_version WHERE base NOT IN (SELECT "
                                             "base FROM watchlist_base)"));
    for (const sql::Row& row : headless) heads.push_back({.base = row.Text(0)});
    return heads;
  }

  absl::StatusOr<StoredBase> Load(const BaseHead& head) override {
    if (head.version_id.empty()) return absl::DataLossError("the store does not say which edition is the newest");
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT imported_by, rejected, import_number, content "
                                             "FROM watchlist_version WHERE version_id = ?",
                                             {head.version_id}));
    if (rows.empty()) return absl::DataLossError("it is gone from the store");
    const sql::Row& row = rows[0];
    GH_ASSIGN_OR_RETURN(const std::string content, deps_.sealer.Open(head.version_id, kContentContext, row.Bytes(3)));
    StoredBase base;
    GH_ASSIGN_OR_RETURN(base.content, DecodeSnapshot(content));
    if (base.content.base != head.base) return absl::DataLossError("it is of another base");
    base.imported_by = row.Text(0);
    base.rejected = row.Int(1);
    base.import_number = row.Int(2);
    return base;
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
      "(base, import_number);\n"
      // Which edition of a base is the newest; persons and documents: whether it holds any.
      "CREATE TABLE watchlist_base (\n"
      "  base TEXT PRIMARY KEY,\n"
      "  import_number BIGINT NOT NULL,\n"
      "  version_id TEXT NOT NULL,\n"
      "  persons BIGINT NOT NULL,\n"
      "  documents BIGINT NOT NULL\n"
      ");\n",
      absl::string_view(events::kEventTablesSql), absl::string_view(seal::kSealTablesSql));
  static const sql::Migration kMigrations[] = {
      {.version = 1, .min_reader = 1, .name = "bases, outbox, seal keys", .sql = kFirst},
  };
  return kMigrations;
}

std::unique_ptr<BaseStore> MakeBaseStore(StoreDeps deps) { return std::make_unique<SqlBaseStore>(std::move(deps)); }

}  // namespace gatehouse::watchlist
