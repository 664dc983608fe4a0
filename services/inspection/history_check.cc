#include "services/inspection/history_check.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatehouse::inspection {
namespace {

std::string PlaceAndDay(const PastCrossing& crossing) {
  return absl::StrCat("at ", crossing.post, " on ", absl::FormatTime("%Y-%m-%d", crossing.time, absl::UTCTimeZone()));
}

}  // namespace

Check CheckHistory(const History& history, Direction direction, const std::optional<std::string>& seen_elsewhere) {
  std::vector<std::string> doubts;
  if (seen_elsewhere) {
    doubts.push_back(absl::StrCat("the same document was inspected at ", *seen_elsewhere, " within the last ",
                                  absl::ToInt64Minutes(kTwoPostsWindow), " minutes"));
  }
  if (history.document_of_another) {
    doubts.push_back("the document was used before by somebody recorded under another identity");
  }
  const auto& crossings = history.crossings;
  if (!crossings.empty() && !crossings.front().admitted) {
    doubts.push_back(absl::StrCat("refused ", PlaceAndDay(crossings.front())));
  }
  const auto last =
      std::find_if(crossings.begin(), crossings.end(), [](const auto& crossing) { return crossing.admitted; });
  if (last != crossings.end() && last->direction == direction) {
    doubts.push_back(absl::StrCat("the last crossing was also an ", direction == Direction::kEntry ? "entry" : "exit",
                                  ", ", PlaceAndDay(*last)));
  }
  Check check{.id = std::string(kHistory)};
  if (!doubts.empty()) {
    check.status = CheckStatus::kUndetermined;
    check.reason = absl::StrJoin(doubts, "; ");
    return check;
  }
  check.status = CheckStatus::kSuccessful;
  check.reason = crossings.empty() ? "no earlier crossing is known"
                                   : absl::StrCat(history.crossing_count, " earlier crossings, nothing unusual");
  return check;
}

}  // namespace gatehouse::inspection
