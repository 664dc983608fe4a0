// What earlier crossings say about this one. Pure. First level: the same document at two posts at once, a document that
// another person used, an entry after an entry (or exit after exit), an earlier refusal, and what was decided or
// referred here and is in no register yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/inspection/check.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// How long after an inspection at one post the same document at another one is suspicious.
inline constexpr absl::Duration kTwoPostsWindow = absl::Minutes(10);

// What the register said to one question.
struct HistoryAnswer {
  std::string shown_at;
  std::optional<History> history;  // nothing: no answer, and `missing` says why
  std::string missing;
};

// `answers`: one for each distinct traveller that was shown. Doubts of any of them count; without a doubt, one answer
// that is missing leaves the check not done; one that did not search the identity leaves it undetermined.
// `seen_elsewhere`: the post where one of the documents was inspected within kTwoPostsWindow. `unsettled`: of any
// document or person that was shown.
Check CheckHistory(const std::vector<HistoryAnswer>& answers, Direction direction,
                   const std::optional<std::string>& seen_elsewhere, const std::vector<Unsettled>& unsettled);

// Something happened to what was shown while it was asked about: whatever the check came to, it is not the whole.
void DoubtOvertaken(Check& history);

}  // namespace gatehouse::inspection
