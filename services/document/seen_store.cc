#include "services/document/seen_store.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::document {
namespace {

// Keyed hashes; empty for what is unknown, which is never looked up.
struct Hashes {
  std::string number;
  std::string security_object;
  std::string chip_key;
  std::string portrait;
};

struct Waiting {
  Hashes hashes;
  std::string post;
  absl::Time time;
};

class SqlSeenStore final : public SeenStore {
 public:
  explicit SqlSeenStore(SeenStoreDeps deps) : deps_(deps) {}

  absl::StatusOr<std::vector<SeenBefore>> LookUpAndRemember(const Sighting& sighting) override {
    if (sighting.number.empty()) return std::vector<SeenBefore>();
    const Hashes hashes{.number = Hash("number", sighting.number),
                        .security_object = Hash("security_object", sighting.security_object),
                        .chip_key = Hash("chip_key", sighting.chip_key),
                        .portrait = Hash("portrait", sighting.portrait)};
    GH_ASSIGN_OR_RETURN(std::vector<SeenBefore> seen, LookUp(hashes, sighting));
    std::lock_guard lock(mutex_);
    if (waiting_.size() < kMaxWaitingSightings) waiting_.push_back({hashes, sighting.post, sighting.time});
    return seen;
  }

  absl::Status Flush(absl::Time now) override {
    std::vector<Waiting> batch;
    {
      std::lock_guard lock(mutex_);
      batch.swap(waiting_);
    }
    if (batch.empty() && now - last_purge_ < absl::Hours(1)) return absl::OkStatus();
    const bool purge = now - last_purge_ >= absl::Hours(1);
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      for (const Waiting& one : batch) GH_RETURN_IF_ERROR(Write(transaction, one));
      if (!purge) return absl::OkStatus();
      return transaction.Execute("DELETE FROM document_seen WHERE seen_time < ?",
                                 {absl::ToUnixMicros(now - deps_.retention)});
    }));
    if (purge) last_purge_ = now;
    return absl::OkStatus();
  }

 private:
  std::string Hash(std::string_view field, const std::string& value) const {
    return value.empty() ? "" : deps_.sealer.LookupHash(field, value);
  }

  static absl::Status Write(sql::Transaction& transaction, const Waiting& one) {
    return transaction.Execute(
        "INSERT INTO document_seen (number_hash, object_hash, key_hash, portrait_hash, post, seen_time, seen_count) "
        "VALUES (?, ?, ?, ?, ?, ?, 1) "
        "ON CONFLICT (number_hash, object_hash, key_hash, portrait_hash, post) DO UPDATE SET "
        "seen_time = excluded.seen_time, seen_count = document_seen.seen_count + 1",
        {sql::Blob{one.hashes.number}, sql::Blob{one.hashes.security_object}, sql::Blob{one.hashes.chip_key},
         sql::Blob{one.hashes.portrait}, one.post, absl::ToUnixMicros(one.time)});
  }

  // One question for all likenesses: the rows that share number, key or portrait.
  absl::StatusOr<std::vector<SeenBefore>> LookUp(const Hashes& hashes, const Sighting& sighting) {
    constexpr char kColumns[] =
        "SELECT number_hash, object_hash, key_hash, portrait_hash, post, seen_time, seen_count FROM document_seen ";
    const std::pair<const char*, const std::string*> asked[] = {
        {"number_hash", &hashes.number}, {"key_hash", &hashes.chip_key}, {"portrait_hash", &hashes.portrait}};
    // Each part leaves out the rows of the parts before it, which costs less than UNION's search for equal rows.
    std::string sql, others;
    sql::Params params, params_of_others;
    for (const auto& [column, hash] : asked) {
      if (hash->empty()) continue;
      absl::StrAppend(&sql, sql.empty() ? "" : "UNION ALL ", kColumns, "WHERE ", column, " = ? AND seen_time >= ? ",
                      others);
      params.push_back(sql::Blob{*hash});
      params.push_back(absl::ToUnixMicros(sighting.time - deps_.retention));
      params.insert(params.end(), params_of_others.begin(), params_of_others.end());
      absl::StrAppend(&others, "AND ", column, " <> ? ");
      params_of_others.push_back(sql::Blob{*hash});
    }
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, deps_.database.Query(sql, std::move(params)));
    std::vector<SeenBefore> seen;
    for (const sql::Row& row : rows) Classify(row, hashes, sighting, seen);
    return seen;
  }

  static void Classify(const sql::Row& row, const Hashes& mine, const Sighting& sighting,
                       std::vector<SeenBefore>& seen) {
    const SeenBefore found{
        .time = absl::FromUnixMicros(row.Int(5)), .post = row.Text(4), .count = static_cast<int>(row.Int(6))};
    const auto differs = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
    const auto same = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
    if (same(row.Bytes(0), mine.number)) {
      if (differs(row.Bytes(1), mine.security_object)) Add(Likeness::kOtherSecurityObject, found, seen);
      const bool recent = sighting.time - found.time < kSameDocumentElsewhere;
      if (recent && !sighting.post.empty() && !found.post.empty() && found.post != sighting.post &&
          row.Bytes(1) == mine.security_object) {
        Add(Likeness::kElsewhere, found, seen);
      }
      return;
    }
    if (same(row.Bytes(2), mine.chip_key)) {
      Add(Likeness::kOtherNumberSameKey, found, seen);
    } else if (same(row.Bytes(3), mine.portrait)) {
      Add(Likeness::kOtherNumberSameData, found, seen);
    }
  }

  static void Add(Likeness likeness, const SeenBefore& found, std::vector<SeenBefore>& seen) {
    for (SeenBefore& one : seen) {
      if (one.likeness != likeness) continue;
      one.count += found.count;
      if (found.time > one.time) {
        one.time = found.time;
        one.post = found.post;
      }
      return;
    }
    seen.push_back(found);
    seen.back().likeness = likeness;
  }

  SeenStoreDeps deps_;
  absl::Time last_purge_ = absl::InfinitePast();  // of the flushing thread
  std::mutex mutex_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
};

}  // namespace

// Hashes that are unknown are empty, so that the unique key holds for them too.
const char kSeenTableSql[] =
    "CREATE TABLE document_seen (\n"
    "  number_hash {{BLOB}} NOT NULL,\n"
    "  object_hash {{BLOB}} NOT NULL,\n"
    "  key_hash {{BLOB}} NOT NULL,\n"
    "  portrait_hash {{BLOB}} NOT NULL,\n"
    "  post TEXT NOT NULL,\n"
    "  seen_time BIGINT NOT NULL,\n"
    "  seen_count BIGINT NOT NULL,\n"
    "  PRIMARY KEY (number_hash, object_hash, key_hash, portrait_hash, post)\n"
    ");\n"
    "CREATE INDEX document_seen_key ON document_seen (key_hash);\n"
    "CREATE INDEX document_seen_portrait ON document_seen (portrait_hash);\n"
    "CREATE INDEX document_seen_time ON document_seen (seen_time);\n";

std::unique_ptr<SeenStore> MakeSeenStore(SeenStoreDeps deps) { return std::make_unique<SqlSeenStore>(deps); }

}  // namespace gatehouse::document
