#include "services/document/seen_store.h"

#include <algorithm>
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
  std::string by;
  absl::Time time;
};

// The columns that tell rows apart.
constexpr char kKey[] = "number_hash, object_hash, key_hash, portrait_hash, post, seen_by";

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
    Keep({hashes, sighting.post, sighting.by, sighting.time});
    return seen;
  }

  absl::Status Flush(absl::Time now) override {
    std::vector<Waiting> batch;
    {
      std::lock_guard lock(mutex_);
      batch.swap(waiting_);
    }
    const absl::Status written = batch.empty() ? absl::OkStatus() : WriteAll(batch, now);
    std::lock_guard lock(mutex_);
    if (!written.ok()) {
      // They come before what was seen meanwhile.
      std::vector<Waiting> since = std::exchange(waiting_, std::move(batch));
      for (Waiting& one : since) Keep(std::move(one));
      return absl::Status(written.code(), absl::StrCat(std::string(written.message()), "; ", waiting_.size(),
                                                       " sightings wait, ", lost_, " were given up"));
    }
    lost_ = 0;
    return absl::OkStatus();
  }

  absl::Status Prune(absl::Time now) override {
    if (now < next_prune_) return absl::OkStatus();
    const int64_t oldest = absl::ToUnixMicros(now - deps_.retention);
    // What is to go in this round ends at this row; none: all of it goes.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> last,
                        deps_.database.Query("SELECT seen_time FROM document_seen WHERE seen_time < ? "
                                             "ORDER BY seen_time LIMIT 1 OFFSET ?",
                                             {oldest, int64_t{kMaxPrunedSightings}}));
    const int64_t until = last.empty() ? oldest : std::min(oldest, last.front().Int(0) + 1);
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) {
      return transaction.Execute("DELETE FROM document_seen WHERE seen_time < ?", {until});
    }));
    next_prune_ = last.empty() ? now + kPruneInterval : now;
    return absl::OkStatus();
  }

 private:
  std::string Hash(std::string_view field, const std::string& value) const {
    return value.empty() ? "" : deps_.sealer.LookupHash(field, value);
  }

  // mutex_ is held.
  void Keep(Waiting sighting) {
    if (waiting_.size() < kMaxWaitingSightings) {
      waiting_.push_back(std::move(sighting));
    } else {
      ++lost_;
    }
  }

  absl::Status WriteAll(const std::vector<Waiting>& batch, absl::Time now) {
    return deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      for (const Waiting& one : batch) GH_RETURN_IF_ERROR(Write(transaction, one, now));
      return absl::OkStatus();
    });
  }

  // A time never goes back to an earlier one, nor beyond now: a clock that was ahead leaves none that lasts.
  static absl::Status Write(sql::Transaction& transaction, const Waiting& one, absl::Time now) {
    const int64_t latest = absl::ToUnixMicros(now), time = std::min(absl::ToUnixMicros(one.time), latest);
    return transaction.Execute(
        absl::StrCat("INSERT INTO document_seen (", kKey, ", seen_time, seen_count) VALUES (?, ?, ?, ?, ?, ?, ?, 1) ",
                     "ON CONFLICT (", kKey, ") DO UPDATE SET seen_count = document_seen.seen_count + 1, seen_time = ",
                     "CASE WHEN document_seen.seen_time BETWEEN excluded.seen_time AND ? ",
                     "THEN document_seen.seen_time ELSE excluded.seen_time END"),
        {sql::Blob{one.hashes.number}, sql::Blob{one.hashes.security_object}, sql::Blob{one.hashes.chip_key},
         sql::Blob{one.hashes.portrait}, one.post, one.by, time, latest});
  }

  // One question for all likenesses: the rows that share number, key or portrait.
  absl::StatusOr<std::vector<SeenBefore>> LookUp(const Hashes& hashes, const Sighting& sighting) {
    constexpr char kColumns[] =
        "SELECT number_hash, object_hash, key_hash, portrait_hash, post, seen_by, seen_time, seen_count "
        "FROM document_seen ";
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
    const SeenBefore found{.time = std::min(absl::FromUnixMicros(row.Int(6)), sighting.time),
                           .post = row.Text(4),
                           .by = row.Text(5),
                           .count = static_cast<int>(row.Int(7))};
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
        one.by = found.by;
      }
      return;
    }
    seen.push_back(found);
    seen.back().likeness = likeness;
  }

  SeenStoreDeps deps_;
  absl::Time next_prune_ = absl::InfinitePast();  // of the flushing thread
  std::mutex mutex_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
  size_t lost_ = 0;               // guarded by mutex_; since it last went well
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
    "  seen_by TEXT NOT NULL,\n"
    "  seen_time BIGINT NOT NULL,\n"
    "  seen_count BIGINT NOT NULL,\n"
    "  PRIMARY KEY (number_hash, object_hash, key_hash, portrait_hash, post, seen_by)\n"
    ");\n"
    "CREATE INDEX document_seen_key ON document_seen (key_hash);\n"
    "CREATE INDEX document_seen_portrait ON document_seen (portrait_hash);\n"
    "CREATE INDEX document_seen_time ON document_seen (seen_time);\n";

std::unique_ptr<SeenStore> MakeSeenStore(SeenStoreDeps deps) { return std::make_unique<SqlSeenStore>(deps); }

}  // namespace gatehouse::document
