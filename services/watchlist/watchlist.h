// The watch list: every base as an immutable snapshot, switched by one pointer when a new edition is imported.
// Screening never waits for an import. A replica that shares the store picks up what another one imported by Refresh().
//
// A base that ought to answer and cannot is an answer too: one that the configuration requires and nobody imported, one
// whose newest edition is damaged or gone. It stands in every answer of its kind with its name and the reason, and the
// other bases serve.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "services/watchlist/edition.h"
#include "services/watchlist/list_import.h"
#include "services/watchlist/ports.h"
#include "services/watchlist/screen.h"

namespace gatehouse::watchlist {

enum class Freshness { kFresh, kAged, kStale };

// kMissing: required, and never imported or no longer there. kUnusable: imported, and its newest edition cannot be
// read, or is of another kind than the configuration requires.
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
  std::string published;  // its version date, YYYY-MM-DD; empty: the list carries none
  std::string sha256;
  std::string imported_by;
  std::string accepted_by;  // the second person of a staged import
  absl::Time imported_at;
  std::optional<absl::Time> confirmed_at;         // nothing: nobody said that it is current
  std::vector<std::string> confirmed_by;          // persons who did; fewer than two confirm nothing
  absl::Duration age = absl::InfiniteDuration();  // since confirmed_at
  Freshness freshness = Freshness::kStale;
  int64_t records = 0;
  int64_t rejected = 0;
};

// What is known of an edition: its freshness by the two ages.
struct Ages {
  absl::Duration warn = absl::Hours(24);      // older is aged: still an answer
  absl::Duration max = absl::Hours(24 * 30);  // older is stale: no answer, what that means is policy
};
BaseInfo Describe(const SnapshotContent& edition, const std::vector<Word>& words, absl::Time now, const Ages& ages);

// What a change of the lists came to.
enum class ChangeResult {
  kImported,
  kUnchanged,  // the same file again: nothing is renewed
  kStaged,     // waits for a second person
  kRejected,
  kConfirmed,
};

struct ListChange {
  ChangeResult result = ChangeResult::kImported;
  std::optional<BaseInfo> info;  // of the base that was changed, confirmed or left as it is
  std::optional<StagedImport> staged;
  std::vector<ImportIssue> rejected;  // rows left out
};

// A writing call: who makes it, and how its caller names it.
struct ChangeRequest {
  Actor by;
  std::string id;                                                  // empty: the caller does not repeat
  std::string digest;                                              // of the bytes as sent, and their sender
  std::function<std::string(const ListChange&)> render = nullptr;  // the answer to keep for a repeated call
};

struct ImportOrder {
  std::string base;
  std::string format;      // "un-xml", "document-csv"
  std::string_view bytes;  // outlive the call
  std::string published;   // the owner's date, YYYY-MM-DD; empty: what the list itself says
  ImportTerms terms;
};

// The bases a post needs, by the question that needs them. INVALID_ARGUMENT for a name that no base can have, or one
// that is given twice, for the other question too: a base is of one kind.
struct RequiredBases {
  std::vector<std::string> persons;
  std::vector<std::string> documents;
  absl::Status Check() const;
  BaseNeed Of(const std::string& base) const;
};

// Thread-safe.
class Watchlist {
 public:
  struct Deps {
    BaseStore& store;
    base::Clock& clock;
    base::Random& random;
    Ages ages;
    RequiredBases required;
    ReviewLimits review;
  };
  explicit Watchlist(Deps deps) : deps_(std::move(deps)) {}

  // Loads what the store has that this process has not; each base by itself, so that one which cannot be loaded stops
  // no other. Called at start and from time to time. The error is of the store as a whole, or of bases that could not
  // be asked for now: their hits are still told, and their answer is ERROR (of all bases, when the store as a whole has
  // not answered for kMaxUnasked, or has a base whose very name cannot be read). DEADLINE_EXCEEDED also when a change
  // of this process takes longer than the thread has time. A damaged edition is no error here but the state of its base
  // (Bases()), and is tried again after kRetryPause.
  absl::Status Refresh();

  // Imports a list as the new edition of a base: all good rows or, when the file as a whole is bad, nothing
  // (INVALID_ARGUMENT). What PlanImport has reasons against is staged. Durable on return. FAILED_PRECONDITION: the file
  // is older than what is held. RESOURCE_EXHAUSTED: over kMaxBases.
  absl::StatusOr<ListChange> Import(const ImportOrder& order, const ChangeRequest& request);
  // The second person's word on a staged edition, which then serves; of a machine's import it is the first of two.
  // NOT_FOUND; PERMISSION_DENIED for a machine, or a person who stands behind it already; FAILED_PRECONDITION when it
  // does not wait any more, or the base has another edition by now.
  absl::StatusOr<ListChange> Accept(const std::string& staged_id, const ChangeRequest& request);
  // By one person; what serves goes on.
  absl::StatusOr<ListChange> Reject(const std::string& staged_id, const std::string& reason,
                                    const ChangeRequest& request);
  // A person says that the edition which serves is current. Two persons' words renew its age. NOT_FOUND; as Accept for
  // machines; FAILED_PRECONDITION for a base that does not serve.
  absl::StatusOr<ListChange> Confirm(const std::string& base, const ChangeRequest& request);
  absl::StatusOr<std::vector<StagedImport>> ListStaged() const { return deps_.store.ListStaged(); }
  // What this call was answered the first time, nothing when there was none. ALREADY_EXISTS when it had another body.
  absl::StatusOr<std::optional<std::string>> FindAnswer(const ChangeRequest& request) const;

  // One answer per base that is loaded, required or damaged, by name. No base at all gives no answer at all: the caller
  // must not take that for "no hit".
  std::vector<BaseAnswer> Screen(const Query& query, bool all_candidates) const;

  std::vector<BaseInfo> Bases() const;

  absl::Time Now() const { return deps_.clock.Now(); }

  static constexpr absl::Duration kRetryPause = absl::Minutes(1);
  // What is in memory answers so long while the store does not say which edition is the newest.
  static constexpr absl::Duration kMaxUnasked = absl::Minutes(5);
  static constexpr size_t kMaxBases = 256;
  static constexpr char kAnotherChange[] = "another change of the lists is being made";

 private:
  struct Current {
    BaseHead head;
    std::shared_ptr<const Snapshot> snapshot;  // with a fault: of an earlier edition, or null
    std::string fault;                         // why the newest edition is not the one in memory
    absl::Time retry_at;
    std::string imported_by;
    std::string accepted_by;
    int64_t rejected = 0;
  };
  using Bases_ = std::map<std::string, Current>;

  std::shared_ptr<const Bases_> current() const;
  absl::Status RefreshLocked();
  absl::Status Load(const BaseHead& head, Current& entry) const;
  static void DoubtAll(const absl::Status& why, Bases_& bases);
  void DoubtWhenLongUnasked(const absl::Status& why);
  // The held and the required ones, in the order of their names.
  std::vector<Base> ToSearch(const Bases_& held) const;
  BaseInfo Info(const Base& base, const Bases_& held) const;
  // Of one base, after a change.
  std::optional<BaseInfo> InfoOf(const std::string& base) const;
  BaseInfo InfoOfNew(const StoredBase& stored) const;
  // One attempt; ABORTED when another import came between.
  absl::Status ImportOnce(const ImportOrder& order, const ChangeRequest& request, size_t rows, StoredBase& stored,
                          ListChange& change);

  const Deps deps_;
  std::timed_mutex import_mutex_;  // one change or refresh at a time; screening goes on
  mutable std::mutex mutex_;
  absl::Time heads_known_at_ = absl::InfinitePast();
  std::shared_ptr<const Bases_> bases_ = std::make_shared<Bases_>();
};

}  // namespace gatehouse::watchlist
