// What the notices say of one document: the check fraud_notices (decision 0016). A fraud notice is a reason to look,
// never a refusal; finding none says something only where it was looked for.
#pragma once

#include <string_view>
#include <vector>

#include "libs/emrtd/tr03135.h"
#include "services/document/notice_index.h"

namespace gatehouse::document {

struct NoticeFinding {
  std::vector<NoticeMatch> matches;  // each notice once; fraud notices before reference specimens
  emrtd::Tr03135Check check;
};

// `index`: null where notices are not kept. `version`: which notices these are. `doubt`: why there may be others by
// now, so that none which fits says nothing; empty: there are none. `queries`: the document by everything that was read
// of it, because a forger may change one and forget the other.
NoticeFinding LookUpNotices(const NoticeIndex* index, std::string_view version, std::string_view doubt,
                            const std::vector<NoticeQuery>& queries);

}  // namespace gatehouse::document
