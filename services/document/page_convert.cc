#include "services/document/page_convert.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/errors.h"

namespace gatehouse::document {

absl::StatusOr<Page> ReadPage(int page_size, const std::string& token, size_t size, int most) {
  uint64_t first = 0;
  if (!token.empty() && !absl::SimpleAtoi(token, &first)) {
    return rpc::InvalidField("page_token", "not one that this service gave");
  }
  if (page_size < 0 || page_size > most) return rpc::InvalidField("page_size", absl::StrCat("0 to ", most));
  Page page;
  page.first = std::min<uint64_t>(first, size);
  page.end = std::min<size_t>(page.first + static_cast<size_t>(page_size == 0 ? most : page_size), size);
  if (page.end < size) page.next = absl::StrCat(page.end);
  return page;
}

}  // namespace gatehouse::document
