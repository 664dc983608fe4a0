#include "services/inspection/history_check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatehouse::inspection {
namespace {

std::string PlaceAndDay(const std::string& post, absl::Time time) {
  return absl::StrCat("at ", post, " on ", absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()));
}
std::string PlaceAndDay(const PastCrossing& crossing) { return PlaceAndDay(crossing.post, crossing.time); }

std::string DoubtOf(const Unsettled& unsettled) {
  const std::string where = PlaceAndDay(unsettled.post, unsettled.time);
  if (unsettled.state == State::kReferred) return absl::StrCat("referred ", where, " and not decided yet");
  return absl::StrCat("a decision on this document or person is not in the register yet: ",
                      unsettled.state == State::kRefused ? "refused " : "admitted ", where);
}

// Where that was shown, when more than one question was asked.
std::string ForWhat(const std::vector<HistoryAnswer>& answers, const HistoryAnswer& answer) {
  return answers.size() > 1 ? absl::StrCat(" (shown: ", answer.shown_at, ")") : "";
}

void AddDoubts(const History& history, Direction direction, std::vector<std::string>& doubts) {
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
}

// What all answers come to.
struct Summary {
  std::vector<std::string> doubts;
  std::vector<std::string> missing;
  std::set<std::string> persons;
  std::vector<std::string> not_searched;  // what no answer covers
  int crossing_count = 0;
};

// One person who is found by each of two documents has one history, and is counted once.
Summary Summarise(const std::vector<HistoryAnswer>& answers, Direction direction) {
  Summary summary;
  for (const HistoryAnswer& answer : answers) {
    std::vector<std::string> doubts;
    if (!answer.history) {
      summary.missing.push_back(absl::StrCat(answer.missing, ForWhat(answers, answer)));
      continue;
    }
    AddDoubts(*answer.history, direction, doubts);
    if (answer.history->identity_not_searched) {
      summary.not_searched.push_back(absl::StrCat(
          "asked by the document alone: name, whole birth date or nationality is not known", ForWhat(answers, answer)));
    }
    const bool new_person = !answer.history->person.empty() && summary.persons.insert(answer.history->person).second;
    if (new_person || answer.history->person.empty()) summary.crossing_count += answer.history->crossing_count;
    for (const std::string& doubt : doubts) {
      const bool said = std::any_of(summary.doubts.begin(), summary.doubts.end(), [&doubt](const std::string& known) {
        return known.compare(0, doubt.size(), doubt) == 0;
      });
      if (!said) summary.doubts.push_back(absl::StrCat(doubt, ForWhat(answers, answer)));
    }
  }
  if (summary.persons.size() > 1) {
    summary.doubts.push_back(
        absl::StrCat("what was shown belongs to ", summary.persons.size(), " different travellers of the register"));
  }
  return summary;
}

}  // namespace

Check CheckHistory(const std::vector<HistoryAnswer>& answers, Direction direction,
                   const std::optional<std::string>& seen_elsewhere, const std::vector<Unsettled>& unsettled) {
  Summary summary = Summarise(answers, direction);
  for (auto last = unsettled.rbegin(); last != unsettled.rend(); ++last) {
    summary.doubts.insert(summary.doubts.begin(), DoubtOf(*last));
  }
  if (seen_elsewhere) {
    summary.doubts.insert(summary.doubts.begin(),
                          absl::StrCat("the same document was inspected at ", *seen_elsewhere, " within the last ",
                                       absl::ToInt64Minutes(kTwoPostsWindow), " minutes"));
  }
  Check check{.id = std::string(kHistory)};
  std::vector<std::string> reasons = std::move(summary.doubts);
  // Beside an answer that is missing, a part of one is no more than a remark.
  const bool doubted = !reasons.empty() || (summary.missing.empty() && !summary.not_searched.empty());
  reasons.insert(reasons.end(), summary.not_searched.begin(), summary.not_searched.end());
  reasons.insert(reasons.end(), summary.missing.begin(), summary.missing.end());
  if (answers.empty() && !doubted) {
    check.reason = "nobody to look for";
    return check;
  }
  if (!reasons.empty()) {
    check.status = doubted ? CheckStatus::kUndetermined : CheckStatus::kNotDone;
    check.reason = absl::StrJoin(reasons, "; ");
    return check;
  }
  check.status = CheckStatus::kSuccessful;
  check.reason = summary.crossing_count == 0 && summary.persons.empty()
                     ? "no earlier crossing is known"
                     : absl::StrCat(summary.crossing_count, " earlier crossings, nothing unusual");
  return check;
}

void DoubtOvertaken(Check& history) {
  constexpr char kWhy[] = "another inspection of this document or person was made or decided at the same moment";
  // A silent register stays one; with a doubt more it is no better.
  if (history.status == CheckStatus::kSuccessful) {
    history.status = CheckStatus::kUndetermined;
    history.reason = kWhy;
    return;
  }
  history.reason = absl::StrCat(kWhy, "; ", history.reason);
}

}  // namespace gatehouse::inspection
