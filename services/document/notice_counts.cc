#include "services/document/notice_counts.h"

#include <algorithm>

#include "libs/base/status_macros.h"

namespace gatehouse::document {

void NoticeCounts::Merge(const NoticeCount& count) {
  const auto [at, is_new] = waiting_.try_emplace(count.notice_id, count);
  if (is_new) return;
  at->second.matches += count.matches;
  at->second.first = std::min(at->second.first, count.first);
  at->second.last = std::max(at->second.last, count.last);
}

void NoticeCounts::Add(const std::vector<NoticeMatch>& matches, absl::Time time) {
  std::lock_guard lock(mutex_);
  for (const NoticeMatch& match : matches) {
    Merge({.notice_id = match.notice->id, .matches = 1, .first = time, .last = time});
  }
}

absl::Status NoticeCounts::Flush() {
  std::lock_guard flush_lock(flush_mutex_);
  std::map<std::string, NoticeCount> taken;
  {
    std::lock_guard lock(mutex_);
    taken.swap(waiting_);
  }
  if (taken.empty()) return absl::OkStatus();
  // In the order of ids, in which every replica takes the rows: two never wait for each other.
  std::vector<NoticeCount> batch;
  for (auto& [id, count] : taken) batch.push_back(count);
  const absl::Status written = repository_.AddCounts(batch);
  if (written.ok()) return written;
  std::lock_guard lock(mutex_);
  for (const NoticeCount& count : batch) Merge(count);
  return written;
}

absl::StatusOr<std::vector<NoticeCount>> NoticeCounts::Read() {
  GH_RETURN_IF_ERROR(Flush());
  return repository_.Counts();
}

}  // namespace gatehouse::document
