// The watch list: every base as an immutable snapshot, switched by one pointer
// when a new version is imported. Screening never waits for an import. A
// replica that shares the store picks up what another one imported by
// Refresh().
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/watchlist/list_import.h"
#include "services/watchlist/ports.h"
#include "services/watchlist/screen.h"

namespace gatehouse::watchlist {

enum class Freshness { kFresh, kAged, kStale };

struct BaseInfo {
  std::string base;
  std::string format;
  std::string version;
  std::string sha256;
  std::string imported_by;
  absl::Time imported_at;
  absl::Duration age;
  Freshness freshness = Freshness::kStale;
  int64_t records = 0;
  int64_t rejected = 0;
};

// What is known of a snapshot: its freshness by the two ages.
struct Ages {
  absl::Duration warn = absl::Hours(24);      // older is aged: still an answer
  absl::Duration max = absl::Hours(24 * 30);  // older is stale: no answer, what that means is policy
};
BaseInfo Describe(const Snapshot& snapshot, absl::Time now, const Ages& ages);

struct ImportOutcome {
  BaseInfo info;
  std::vector<ImportIssue> rejected;
};

// Thread-safe.
class Watchlist {
 public:
  struct Deps {
    BaseStore& store;
    base::Clock& clock;
    Ages ages;
  };
  explicit Watchlist(Deps deps) : deps_(deps) {}

  // Loads what the store has that this process has not. Called at start and
  // from time to time.
  absl::Status Refresh();

  // Imports a list as the new version of `base`: all good rows or, when the
  // file as a whole is bad, nothing (INVALID_ARGUMENT). Durable on return.
  absl::StatusOr<ImportOutcome> Import(std::string base, std::string_view format, std::string_view bytes,
                                       std::string_view imported_by);

  // One answer per base, by name. No base at all gives no answer at all: the
  // caller must not take that for "no hit".
  std::vector<BaseAnswer> Screen(const Query& query, bool all_candidates) const;

  std::vector<BaseInfo> Bases() const;

  absl::Time Now() const { return deps_.clock.Now(); }

 private:
  struct Current {
    std::shared_ptr<const Snapshot> snapshot;
    std::string imported_by;
    int64_t rejected = 0;
    int64_t import_number = 0;
  };
  using Bases_ = std::map<std::string, Current>;

  std::shared_ptr<const Bases_> current() const;
  void Switch(std::vector<StoredBase> loaded);
  BaseInfo Info(const Current& current) const;

  Deps deps_;
  std::mutex import_mutex_;  // one import or refresh at a time; screening goes on
  mutable std::mutex mutex_;
  std::shared_ptr<const Bases_> bases_ = std::make_shared<Bases_>();
};

}  // namespace gatehouse::watchlist
