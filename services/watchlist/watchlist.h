// The watch list: every base as an immutable snapshot, switched by one pointer when a new edition is imported.
// Screening never waits for an import. A replica that shares the store picks up what another one imported by Refresh().
//
// A base that ought to answer and cannot is an answer too: one that the configuration requires and nobody imported, one
// whose newest edition is damaged or gone. It stands in every answer of its kind with its name and the reason, and the
// other bases serve.
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

// kMissing: required, and never imported or no longer there. kUnusable: imported, and its newest edition cannot be
// read.
enum class BaseState { kServing, kMissing, kUnusable };

struct BaseInfo {
  std::string base;
  BaseState state = BaseState::kServing;
  std::string fault;  // of any state but kServing, for an operator
  bool required_for_persons = false;
  bool required_for_documents = false;
  // All that follows is of the edition in memory; a base without one has none of it.
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

// The bases a post needs, by the question that needs them. INVALID_ARGUMENT for a name that no base can have, or one
// that is given twice.
struct RequiredBases {
  std::vector<std::string> persons;
  std::vector<std::string> documents;
  absl::Status Check() const;
};

// Thread-safe.
class Watchlist {
 public:
  struct Deps {
    BaseStore& store;
    base::Clock& clock;
    Ages ages;
    RequiredBases required;
  };
  explicit Watchlist(Deps deps) : deps_(std::move(deps)) {}

  // Loads what the store has that this process has not; each base by itself, so that one which cannot be loaded stops
  // no other. Called at start and from time to time. The error is of the store as a whole, or of bases that could not
  // be asked for now: what is in memory goes on. A damaged edition is no error here but the state of its base
  // (Bases()), and is tried again after kRetryPause.
  absl::Status Refresh();

  // Imports a list as the new version of `base`: all good rows or, when the file as a whole is bad, nothing
  // (INVALID_ARGUMENT). Durable on return.
  absl::StatusOr<ImportOutcome> Import(std::string base, std::string_view format, std::string_view bytes,
                                       std::string_view imported_by);

  // One answer per base that is loaded, required or damaged, by name. No base at all gives no answer at all: the caller
  // must not take that for "no hit".
  std::vector<BaseAnswer> Screen(const Query& query, bool all_candidates) const;

  std::vector<BaseInfo> Bases() const;

  absl::Time Now() const { return deps_.clock.Now(); }

  static constexpr absl::Duration kRetryPause = absl::Minutes(1);

 private:
  struct Current {
    BaseHead head;
    std::shared_ptr<const Snapshot> snapshot;  // with a fault: of an earlier edition, or null
    std::string fault;                         // why the newest edition is not the one in memory
    absl::Time retry_at;
    std::string imported_by;
    int64_t rejected = 0;
  };
  using Bases_ = std::map<std::string, Current>;

  std::shared_ptr<const Bases_> current() const;
  absl::Status Load(const BaseHead& head, Current& entry) const;
  // The held and the required ones, in the order of their names.
  std::vector<Base> ToSearch(const Bases_& held) const;
  BaseInfo Info(const Base& base, const Bases_& held) const;

  const Deps deps_;
  std::mutex import_mutex_;  // one import or refresh at a time; screening goes on
  mutable std::mutex mutex_;
  std::shared_ptr<const Bases_> bases_ = std::make_shared<Bases_>();
};

}  // namespace gatehouse::watchlist
