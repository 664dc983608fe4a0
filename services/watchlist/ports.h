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

// Keeps the bases. Save is atomic and durable on return, and publishes the
// fact; older versions are kept for replay (kKeptVersions of each base).
class BaseStore {
 public:
  virtual ~BaseStore() = default;
  virtual absl::Status Save(const StoredBase& base) = 0;
  // The newest version of every base whose import number is above
  // `import_number`.
  virtual absl::StatusOr<std::vector<StoredBase>> LoadSince(int64_t import_number) = 0;
};

inline constexpr int kKeptVersions = 3;

}  // namespace gatehouse::watchlist
