// What the watch list needs from outside, in its own words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/watchlist/index.h"

namespace gatehouse::watchlist {

// A base as it is kept.
struct StoredBase {
  SnapshotContent content;
  std::string imported_by;
  int64_t rejected = 0;
  int64_t import_number = 0;  // counts up over all imports of the store
};

// That a base was imported, and which edition is its newest: known apart from the edition, so that one that is damaged
// or gone is missed.
struct BaseHead {
  std::string base;
  int64_t import_number = 0;
  std::string version_id;  // empty: there are editions of it and no word which is the newest
  bool holds_persons = true;
  bool holds_documents = true;
  friend bool operator==(const BaseHead&, const BaseHead&) = default;
};

// Keeps the bases. Save is atomic and durable on return, and publishes the fact; older editions are kept for replay
// (kKeptVersions of each base).
class BaseStore {
 public:
  virtual ~BaseStore() = default;
  virtual absl::Status Save(const StoredBase& base) = 0;
  // Every base that was ever imported.
  virtual absl::StatusOr<std::vector<BaseHead>> Heads() = 0;
  // Its newest edition. DATA_LOSS when it is damaged or gone, NOT_FOUND when its key is.
  virtual absl::StatusOr<StoredBase> Load(const BaseHead& head) = 0;
};

inline constexpr int kKeptVersions = 3;

}  // namespace gatehouse::watchlist
