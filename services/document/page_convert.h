// Pages of lists that are held in memory.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace gatehouse::document {

inline constexpr int kMaxPageSize = 1000;

// A page [first, end) of `size` things; the token is where the next one begins.
struct Page {
  size_t first = 0, end = 0;
  std::string next;
};
// AIP-158 with our bounds: `page_size` 0 means `most`. INVALID_ARGUMENT names the field.
absl::StatusOr<Page> ReadPage(int page_size, const std::string& token, size_t size, int most = kMaxPageSize);

}  // namespace gatehouse::document
