// What the list readers share: bounds, digest, lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gatehouse::watchlist {

// Refuses what no reader should see: empty, over kMaxListBytes, or compressed (the reason says what to do).
absl::Status CheckListBytes(std::string_view bytes);

// Lower-case hex.
std::string Sha256Hex(std::string_view bytes);

// Byte offset -> 1-based line.
class LineMap {
 public:
  explicit LineMap(std::string_view text);
  int LineAt(size_t offset) const;

 private:
  std::vector<size_t> ends_;  // offsets of the line breaks
};

}  // namespace gatehouse::watchlist
