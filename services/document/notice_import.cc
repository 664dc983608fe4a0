#include "services/document/notice_import.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gatehouse::document {

absl::Status CheckBundleNumber(const std::vector<NoticeImport>& imports, const NoticeImport& made) {
  for (const NoticeImport& kept : imports) {
    if (kept.issuer != made.issuer || kept.publisher != made.publisher) continue;
    if (kept.bundle_number > made.bundle_number) {
      return absl::FailedPreconditionError(absl::StrCat("number: this is bundle ", made.bundle_number, ", and bundle ",
                                                        kept.bundle_number, " of the publisher was imported already"));
    }
    if (kept.bundle_number == made.bundle_number && kept.sha256 != made.sha256) {
      return absl::FailedPreconditionError(
          absl::StrCat("number: another bundle ", made.bundle_number, " of the publisher was imported already"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<NoticePlan> PlanNotices(const NoticeOrigins& kept, const NoticeBundle& bundle, NoticeImport& made) {
  NoticePlan plan{.refused = bundle.refused};
  made.added = made.replaced = 0;
  for (size_t i = 0; i < bundle.notices.size(); ++i) {
    const Notice& notice = bundle.notices[i];
    const auto before = kept.find(notice.id);
    if (before != kept.end() && before->second.issuer != made.issuer) {
      plan.refused.push_back(
          {bundle.rows[i], notice.id,
           absl::StrCat("notices[", bundle.rows[i], "].id: in use under another issuer of notices")});
      continue;
    }
    ++(before == kept.end() ? made.added : made.replaced);
    plan.taken.push_back(&notice);
  }
  std::sort(plan.refused.begin(), plan.refused.end(),
            [](const NoticeRefusal& a, const NoticeRefusal& b) { return a.row < b.row; });
  made.refused = static_cast<int32_t>(plan.refused.size());
  if (kept.size() + static_cast<size_t>(made.added) > kMaxNotices) {
    return absl::ResourceExhaustedError(absl::StrCat("notices: more than ", kMaxNotices, " would be kept"));
  }
  return plan;
}

}  // namespace gatehouse::document
