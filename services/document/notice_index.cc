#include "services/document/notice_index.h"

#include <algorithm>
#include <map>

namespace gatehouse::document {
namespace {

size_t FirstWildcard(std::string_view pattern) {
  constexpr char kWildcards[] = {kAnyCharacter, kAnyDigit, '\0'};
  return std::min(pattern.find_first_of(kWildcards), pattern.size());
}

}  // namespace

std::string StateKey(std::string_view code) {
  while (!code.empty() && code.back() == '<') code.remove_suffix(1);
  return code == "DEU" ? "D" : std::string(code);
}

NoticeIndex::NoticeIndex(std::vector<NoticePtr> notices, size_t unreadable)
    : notices_(std::move(notices)), unreadable_(unreadable) {
  std::sort(notices_.begin(), notices_.end(), [](const NoticePtr& a, const NoticePtr& b) { return a->id < b->id; });
  for (size_t i = 0; i < notices_.size(); ++i) {
    const Notice& notice = *notices_[i];
    State& state = states_[StateKey(notice.issuing_state)];
    for (const NumberRange& range : notice.number_ranges) {
      state.intervals[range.first.size()].push_back({range, i, {}});
    }
    for (const std::string& pattern : notice.number_patterns) {
      state.patterns[pattern.substr(0, FirstWildcard(pattern))].push_back({pattern, i});
    }
    if (notice.number_ranges.empty() && notice.number_patterns.empty()) state.without_number.push_back(i);
  }
  for (auto& [code, state] : states_) {
    for (auto& [size, intervals] : state.intervals) {
      std::sort(intervals.begin(), intervals.end(),
                [](const Interval& a, const Interval& b) { return a.range.first < b.range.first; });
      SetLastBelow(intervals, 0, intervals.size());
    }
  }
}

std::string_view NoticeIndex::SetLastBelow(std::vector<Interval>& intervals, size_t begin, size_t end) {
  if (begin == end) return {};
  const size_t root = begin + (end - begin) / 2;
  const std::string_view own = intervals[root].range.last;
  intervals[root].last_below =
      std::max({own, SetLastBelow(intervals, begin, root), SetLastBelow(intervals, root + 1, end)});
  return intervals[root].last_below;
}

void NoticeIndex::FindIntervals(const std::vector<Interval>& intervals, size_t begin, size_t end,
                                std::string_view number, std::vector<size_t>& found) {
  if (begin == end) return;
  const size_t root = begin + (end - begin) / 2;
  const Interval& interval = intervals[root];
  // Nothing below ends late enough.
  if (interval.last_below < number) return;
  FindIntervals(intervals, begin, root, number, found);
  if (interval.range.Holds(number)) found.push_back(interval.notice);
  // What follows begins no earlier.
  if (interval.range.first <= number) FindIntervals(intervals, root + 1, end, number, found);
}

NoticeAnswer NoticeIndex::Match(const NoticeQuery& query) const {
  const std::string key = StateKey(query.issuing_state);
  NoticeAnswer answer{.complete = !key.empty() && !query.document_number.empty()};
  const auto state = states_.find(key);
  if (state == states_.end()) return answer;

  std::map<size_t, std::string> candidates;  // by what of the number, in the order of ids
  for (const size_t notice : state->second.without_number) candidates[notice] = "";
  for (size_t size = 0; size <= query.document_number.size(); ++size) {
    const auto patterns = state->second.patterns.find(std::string(query.document_number.substr(0, size)));
    if (patterns == state->second.patterns.end()) continue;
    for (const Pattern& pattern : patterns->second) {
      if (FitsPattern(query.document_number, pattern.pattern)) candidates[pattern.notice] = "number_pattern";
    }
  }
  if (const auto intervals = state->second.intervals.find(query.document_number.size());
      intervals != state->second.intervals.end()) {
    std::vector<size_t> found;
    FindIntervals(intervals->second, 0, intervals->second.size(), query.document_number, found);
    for (const size_t notice : found) candidates[notice] = "number_range";
  }

  const base::PartialDate day{static_cast<int>(query.day.year()), query.day.month(), query.day.day()};
  for (const auto& [index, by_number] : candidates) {
    const NoticePtr& notice = notices_[index];
    if (!query.document_code.empty() && !query.document_code.starts_with(notice->document_code)) continue;
    if (!MayLieBetween(day, notice->valid_from, notice->valid_until)) continue;
    if (!MayLieBetween(query.expiry_date, notice->expiry_from, notice->expiry_until)) continue;
    NoticeMatch match{notice, {"issuing_state"}};
    if (!notice->document_code.empty() && !query.document_code.empty()) match.matched_by.push_back("document_code");
    if (!by_number.empty()) match.matched_by.push_back(by_number);
    const bool asks_expiry = !notice->expiry_from.empty() || !notice->expiry_until.empty();
    if (asks_expiry && !query.expiry_date.empty()) match.matched_by.push_back("expiry_date");
    answer.matches.push_back(std::move(match));
  }
  std::stable_partition(answer.matches.begin(), answer.matches.end(),
                        [](const NoticeMatch& match) { return IsFraud(match.notice->kind); });
  return answer;
}

NoticePtr NoticeIndex::Find(std::string_view id) const {
  const auto at =
      std::lower_bound(notices_.begin(), notices_.end(), id,
                       [](const NoticePtr& notice, std::string_view wanted) { return notice->id < wanted; });
  return at != notices_.end() && (*at)->id == id ? *at : nullptr;
}

}  // namespace gatehouse::document
