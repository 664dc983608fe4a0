// Any bytes as a bundle of notices, bare and signed; and what was read through the index.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "libs/base/check.h"
#include "services/document/notice_file.h"
#include "services/document/notice_index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::document;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Nobody's notices are taken here, so whatever this is, it is refused.
  GH_CHECK(!ReadSignedNotices(text, {}, absl::UnixEpoch()).ok());
  const absl::StatusOr<NoticeBundle> bundle = ReadNotices(text);
  if (!bundle.ok()) return 0;
  std::vector<NoticePtr> notices;
  for (const Notice& notice : bundle->notices) notices.push_back(std::make_shared<const Notice>(notice));
  const NoticeIndex index(notices);
  for (const NoticePtr& notice : notices) {
    GH_CHECK(index.Find(notice->id) == notice);
    for (const NumberRange& range : notice->number_ranges) {
      GH_CHECK(range.Holds(range.first) && range.Holds(range.last));
      const NoticeAnswer answer = index.Match({.issuing_state = notice->issuing_state,
                                               .document_code = "",
                                               .document_number = range.last,
                                               .expiry_date = {},
                                               .day = absl::CivilDay(2026, 1, 1)});
      GH_CHECK(answer.complete);
    }
  }
  return 0;
}
