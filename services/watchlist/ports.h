// What the watch list needs from outside, in its own words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/watchlist/edition.h"
#include "services/watchlist/index.h"

namespace gatehouse::watchlist {

// A base as it is kept.
struct StoredBase {
  SnapshotContent content;
  std::string imported_by;
  std::string accepted_by;  // whose word let it in besides the importer's; empty: nobody's was needed
  int64_t rejected = 0;
  int64_t import_number = 0;  // counts up over all imports of the store
  int64_t lost = 0;           // entries that it takes from the base and nobody named; told to Save, not kept with it
};

// Stands for the number of an import that cannot be read: whatever comes takes its place.
inline constexpr int64_t kAnyImport = -1;

// That a base was imported, and which edition is its newest: known apart from the edition, so that one that is damaged
// or gone is missed.
struct BaseHead {
  std::string base;
  int64_t import_number = 0;  // kAnyImport: what the store says of it is damaged
  std::string version_id;     // empty: there are editions of it and no word which is the newest
  std::string version;
  std::string published;
  std::string sha256;
  int64_t records = 0;
  bool holds_persons = true;
  bool holds_documents = true;
  std::vector<Word> words;  // that the edition is current
  int64_t lost_lately = 0;  // edition.h HeldEdition
};

struct BaseHeads {
  std::vector<BaseHead> heads;
  absl::Status partial;  // DATA_LOSS: there are others, whose names cannot be read
};

enum class StagedState { kWaiting, kAccepted, kRejected, kSuperseded };

// An edition that waits for a second person, or did.
struct StagedImport {
  std::string id;
  std::string base;
  StagedState state = StagedState::kWaiting;
  std::vector<std::string> reasons;  // why it waits
  std::string version;
  std::string published;
  std::string sha256;
  int64_t records = 0;
  int64_t rejected = 0;
  EditionChange change;
  int64_t held_import_number = 0;  // of the edition it was compared with; 0: there was none
  Actor imported_by;
  absl::Time imported_at;
  std::vector<std::string> accepted_by;
  std::string rejected_by;
  std::string reject_reason;
  absl::Time decided_at;
};

// A writing call as its caller named it, so that it is done once however often it is sent. `answer` is what the first
// time was answered.
struct RequestKey {
  std::string id;      // empty: the caller does not repeat
  std::string digest;  // of the bytes as sent
  std::string answer;  // opaque here
};

// Keeps the bases. Every change is atomic and durable on return, and publishes the fact; older editions are kept for
// replay (kKeptVersions of each base). A change with a RequestKey is made once: ALREADY_EXISTS when the id was used.
class BaseStore {
 public:
  virtual ~BaseStore() = default;
  // Every base that was ever imported.
  virtual absl::StatusOr<BaseHeads> Heads() = 0;
  // Its newest edition. DATA_LOSS when it is damaged or gone, NOT_FOUND when its key is.
  virtual absl::StatusOr<StoredBase> Load(const BaseHead& head) = 0;

  // The next edition after `held_import_number` (0: the first). ABORTED when another one came between. What waits of
  // the base is superseded by it; `staged`, if given, is accepted with it instead (FAILED_PRECONDITION when it does not
  // wait any more).
  virtual absl::Status Save(const StoredBase& base, int64_t held_import_number, const StagedImport* staged,
                            const RequestKey& request) = 0;
  // Keeps the edition until somebody decides; what waits of the base is superseded by it.
  virtual absl::Status Stage(const StagedImport& staged, const SnapshotContent& content, const RequestKey& request) = 0;
  // Notes that it was rejected, or accepted by one person of two. FAILED_PRECONDITION when it does not wait any more.
  virtual absl::Status UpdateStaged(const StagedImport& staged, const RequestKey& request) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<StagedImport> FindStaged(const std::string& id) = 0;
  virtual absl::StatusOr<SnapshotContent> LoadStaged(const std::string& id) = 0;
  // The newest first: those that wait, and the last kKeptDecided of each base that were decided.
  virtual absl::StatusOr<std::vector<StagedImport>> ListStaged() = 0;
  // A person's word that this edition of the base is current; the person's newer word replaces the older one.
  virtual absl::Status AddWord(const BaseHead& head, const Word& word, const RequestKey& request) = 0;

  // What the call of this id was answered; nothing when there was none. ALREADY_EXISTS when it had another body.
  virtual absl::StatusOr<std::optional<std::string>> FindAnswer(const RequestKey& request) = 0;
};

inline constexpr int kKeptVersions = 3;
inline constexpr int kMaxWaiting = 256;
inline constexpr int kKeptDecided = 20;
inline constexpr absl::Duration kKeptRequests = absl::Hours(24 * 30);  // a retry comes sooner

}  // namespace gatehouse::watchlist
