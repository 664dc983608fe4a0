#include "services/document/notice_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135State;

constexpr char kId[] = "fraud_notices";
constexpr size_t kMaxToldNotices = 3;

void Merge(NoticeMatch match, std::vector<NoticeMatch>& matches) {
  const auto same = [&](const NoticeMatch& one) { return one.notice == match.notice; };
  const auto known = std::find_if(matches.begin(), matches.end(), same);
  if (known == matches.end()) {
    matches.push_back(std::move(match));
    return;
  }
  for (std::string& word : match.matched_by) {
    std::vector<std::string>& words = known->matched_by;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  }
}

// "stolen_blank UTO-7: Feel the edge of the page. (Utopia Border Police)", and so on.
void TellFraud(const std::vector<NoticeMatch>& matches, emrtd::Tr03135Check& check) {
  size_t count = 0;
  for (const NoticeMatch& match : matches) {
    const Notice& notice = *match.notice;
    if (!IsFraud(notice.kind)) continue;
    const std::string kind(ToWord(notice.kind));
    check.evidence.facts.push_back({notice.id, kind});
    std::vector<std::string>& kinds = check.evidence.deviations;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    if (++count > kMaxToldNotices) continue;
    absl::StrAppend(&check.detail, check.detail.empty() ? "" : "; ", kind, " ", notice.id, ": ", notice.look_here, " (",
                    notice.source, ")");
  }
  if (count > kMaxToldNotices) absl::StrAppend(&check.detail, "; and ", count - kMaxToldNotices, " more");
}

}  // namespace

NoticeFinding LookUpNotices(const NoticeIndex* index, std::string_view version, std::string_view doubt,
                            const std::vector<NoticeQuery>& queries) {
  NoticeFinding finding;
  const auto not_done = [](std::string_view why) { return emrtd::NotDone(kId, emrtd::CheckGroup::kHistory, why); };
  if (index == nullptr) {
    finding.check = not_done("notices were not asked");
    return finding;
  }
  if (index->notices().empty() && index->unreadable() == 0 && doubt.empty()) {
    finding.check = not_done("no notices are loaded");
    return finding;
  }
  bool complete = !queries.empty();
  for (const NoticeQuery& query : queries) {
    NoticeAnswer answer = index->Match(query);
    complete = complete && answer.complete;
    for (NoticeMatch& match : answer.matches) Merge(std::move(match), finding.matches);
  }
  std::stable_partition(finding.matches.begin(), finding.matches.end(),
                        [](const NoticeMatch& match) { return IsFraud(match.notice->kind); });
  finding.check = {kId, Tr03135State::kUndetermined, "", emrtd::CheckGroup::kHistory, {.rule = "decision 0016"}};
  finding.check.evidence.lists.push_back({.kind = "notices", .issuer = "", .version = std::string(version)});
  TellFraud(finding.matches, finding.check);
  // A notice is no proof of anything: never failed.
  if (!finding.check.detail.empty()) return finding;
  if (!complete) {
    finding.check.detail = "no issuing State or no document number was read to look under";
    return finding;
  }
  if (index->unreadable() > 0) {
    finding.check.detail = absl::StrCat("none fits of those that can be read; ", index->unreadable(), " cannot");
    return finding;
  }
  if (!doubt.empty()) {
    finding.check.detail =
        absl::StrCat("none fits of those that are held; ", absl::string_view(doubt.data(), doubt.size()));
    return finding;
  }
  finding.check.state = Tr03135State::kSuccessful;
  finding.check.detail = "none fits";
  return finding;
}

}  // namespace gatehouse::document
