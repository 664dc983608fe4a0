// The stored form of a snapshot's content: what the store keeps as one blob and `--local DIR` as one file.
//   "GHWL" | format u32 = 1 | body length u64 | body | SHA-256 of all before it, 64 hex digits
// Integers are little-endian; a string is u32 length and bytes; a list is u32 count and its items. The digest finds
// damage, it is no signature. The derived index is not stored: it is rebuilt on load (libs/names may change its mind).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/watchlist/index.h"

namespace gatehouse::watchlist {

std::string EncodeSnapshot(const SnapshotContent& content);

// DATA_LOSS, naming what is wrong, for anything that EncodeSnapshot of this format did not write whole.
absl::StatusOr<SnapshotContent> DecodeSnapshot(std::string_view bytes);

}  // namespace gatehouse::watchlist
