// What a start does with the folder it finds: checks the links of all segments and every leaf of the newest, and cuts
// an unfinished last leaf.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/audit/segment.h"

namespace gatehouse::audit {

// Where a folder's chain ends; zeros for an empty folder.
struct ChainEnd {
  uint32_t segment = 0;
  uint64_t leaves = 0;
  Hash hash = {};
};

// The caller holds the folder's lock. DATA_LOSS with segment and reason when the chain does not hold.
absl::StatusOr<ChainEnd> RecoverFolder(const std::string& folder);

}  // namespace gatehouse::audit
