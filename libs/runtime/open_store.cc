#include "libs/runtime/open_store.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/runtime/config.h"

namespace gatehouse::runtime {
namespace {

constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS gatehouse_store ("
    " only_row BIGINT PRIMARY KEY CHECK (only_row = 1), store_id TEXT NOT NULL)";
constexpr char kReadId[] = "SELECT store_id FROM gatehouse_store";

absl::Status About(const absl::Status& status, std::string_view what) {
  return absl::Status(status.code(), absl::StrCat(std::string(what), ": ", status.message()));
}

// The path of an SQLite file; empty for a server and for a store in memory, which has no life to remember.
std::string FileOf(const std::string& dsn) {
  if (!IsSqlite(dsn)) return "";
  const std::string path = dsn.substr(kSqlitePrefix.size());
  return path == ":memory:" ? "" : path;
}

bool Remembers(const std::string& dsn) { return !IsSqlite(dsn) || !FileOf(dsn).empty(); }

// Empty when the store has none yet.
absl::StatusOr<std::string> ReadId(sql::Database& database) {
  const bool sqlite = database.dialect() == sql::Dialect::kSqlite;
  GH_ASSIGN_OR_RETURN(
      const auto tables,
      database.Query(sqlite ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'gatehouse_store'"
                            : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'gatehouse_store' "
                              "AND table_schema = current_schema()"));
  if (tables.front().Int(0) == 0) return "";
  GH_ASSIGN_OR_RETURN(const auto rows, database.Query(kReadId));
  return rows.empty() ? std::string() : rows.front().Text(0);
}

// Replicas may do it at the same time: the first id stays, and all get it.
absl::StatusOr<std::string> GiveId(sql::Database& database, const std::string& id) {
  GH_RETURN_IF_ERROR(database.Write([&](sql::Transaction& transaction) -> absl::Status {
    GH_RETURN_IF_ERROR(transaction.Execute(kCreateTable));
    return transaction.Execute(
        "INSERT INTO gatehouse_store (only_row, store_id) VALUES (1, ?) ON CONFLICT (only_row) DO NOTHING", {id});
  }));
  return ReadId(database);
}

std::string ConfiguredId(const v1::Config& config, std::string_view service) {
  for (const v1::ModuleStore& store : config.stores()) {
    if (store.service() == service) return store.store_id();
  }
  return "";
}

class Opening {
 public:
  Opening(const StoreDeps& deps, const ModuleEntry& entry)
      : deps_(deps),
        entry_(entry),
        dsn_(StoreDsn(deps.config, entry.name)),
        file_(FileOf(dsn_)),
        // The dsn of a server may hold a password: only the service is named.
        name_(absl::StrCat("store of ", std::string(entry.name), file_.empty() ? "" : ", ", file_)),
        known_(deps.manifest.store(entry.name)) {}

  absl::StatusOr<OpenedStore> Open() {
    GH_RETURN_IF_ERROR(Expect());
    OpenedStore store;
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = dsn_});
    if (!database.ok()) return About(database.status(), name_);
    store.database = *std::move(database);
    absl::StatusOr<std::string> id = ReadId(*store.database);
    if (!id.ok()) return About(id.status(), name_);
    // Before anything is written: what is not the store it was stays as it is.
    GH_RETURN_IF_ERROR(Recognise(*id));
    if (const absl::Status ready = Prepare(*store.database, *id); !ready.ok()) return About(ready, name_);
    store.id = *std::move(id);
    if (Remembers(dsn_)) GH_RETURN_IF_ERROR(deps_.manifest.Lives(entry_.name, store.id));
    return store;
  }

 private:
  // Opening an SQLite file makes it: what is missing must be known before.
  absl::Status Expect() {
    if (file_.empty() || std::filesystem::exists(file_)) return absl::OkStatus();
    if (known_.has_value() && known_->lived) {
      return Lost(absl::StrCat(name_, ", is absent, and this folder has had it (id ", known_->id, ")"), entry_.name);
    }
    const std::string configured = ConfiguredId(deps_.config, entry_.name);
    if (!configured.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(name_, ", is absent, and the configuration wants store_id ", configured, ": restore it"));
    }
    if (known_.has_value()) return absl::OkStatus();
    known_ = Manifest::Store{.id = base::NewUuid(deps_.clock, deps_.random)};
    return deps_.manifest.Making(entry_.name, known_->id);
  }

  absl::Status Recognise(const std::string& id) const {
    const std::string found = id.empty() ? "has no id, as an empty one" : absl::StrCat("has id ", id);
    const std::string configured = ConfiguredId(deps_.config, entry_.name);
    if (!configured.empty() && configured != id) {
      return absl::FailedPreconditionError(absl::StrCat(name_, ": the store that was found ", found,
                                                        ", and the configuration wants store_id ", configured,
                                                        ": correct the dsn or restore the database"));
    }
    if (!known_.has_value() || !known_->lived || known_->id == id) return absl::OkStatus();
    return Lost(absl::StrCat(name_, ": the store that was found ", found, ", and this folder has had ", known_->id,
                             ": the dsn is mistyped, or the database is lost"),
                entry_.name);
  }

  absl::Status Prepare(sql::Database& database, std::string& id) const {
    if (!IsSqlite(dsn_) && !deps_.migrate_server) {
      GH_RETURN_IF_ERROR(sql::CheckSchema(database, entry_.migrations));
      if (!id.empty()) return absl::OkStatus();
      return absl::FailedPreconditionError("the database has no id yet: run `gatehouse migrate`");
    }
    if (id.empty()) {
      GH_ASSIGN_OR_RETURN(id,
                          GiveId(database, known_.has_value() ? known_->id : base::NewUuid(deps_.clock, deps_.random)));
    }
    return sql::Migrate(database, entry_.migrations).status();
  }

  const StoreDeps& deps_;
  const ModuleEntry& entry_;
  const std::string dsn_;
  const std::string file_;
  const std::string name_;
  std::optional<Manifest::Store> known_;
};

}  // namespace

bool StoreIsNew(const v1::Config& config, const Manifest& manifest, std::string_view service) {
  const std::string dsn = StoreDsn(config, service);
  if (!IsSqlite(dsn)) return false;
  const std::string file = FileOf(dsn);
  if (file.empty()) return true;
  const std::optional<Manifest::Store> known = manifest.store(service);
  return !std::filesystem::exists(file) && (!known.has_value() || !known->lived);
}

bool StoreIsWhole(const v1::Config& config, const Manifest& manifest, std::string_view service) {
  const std::string dsn = StoreDsn(config, service);
  const std::optional<Manifest::Store> known = manifest.store(service);
  if (!Remembers(dsn) || !known.has_value() || !known->lived) return false;
  // Opening an SQLite file makes it.
  if (IsSqlite(dsn) && !std::filesystem::exists(FileOf(dsn))) return false;
  const absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = dsn});
  if (!database.ok()) return false;
  const absl::StatusOr<std::string> id = ReadId(**database);
  return id.ok() && *id == known->id;
}

absl::StatusOr<OpenedStore> OpenStore(const StoreDeps& deps, const ModuleEntry& entry) {
  return Opening(deps, entry).Open();
}

}  // namespace gatehouse::runtime
