// A folder of snapshots, for screening without a server (`gatehouse watchlist ... --local DIR`): one file
// BASE.watchlist a base, replaced whole (written beside, synced, renamed), so a reader sees the old or the new one.
// Not thread-safe; two writers of one folder: the last one wins.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/watchlist/index.h"
#include "services/watchlist/screen.h"

namespace gatehouse::watchlist {

// Reads a whole file. NOT_FOUND, or INVALID_ARGUMENT when it is over `max_bytes`; the reason names the path.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

class LocalIndex {
 public:
  // All bases in `directory`, ordered by name. A missing folder is NOT_FOUND, a damaged file DATA_LOSS: a base that
  // cannot be read is never taken for an empty one.
  static absl::StatusOr<LocalIndex> Load(const std::string& directory);

  // Writes one base; makes the folder if needed.
  static absl::Status Save(const std::string& directory, const SnapshotContent& content);

  const std::vector<Base>& bases() const { return bases_; }

 private:
  std::vector<Base> bases_;
};

}  // namespace gatehouse::watchlist
