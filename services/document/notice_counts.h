// How often each notice fitted a document. Counted in memory and written behind, many at once, so that Verify waits for
// no disk: a crash loses what was counted since the last Flush, a store that is away loses nothing.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/document/notice_index.h"
#include "services/document/ports.h"

namespace gatehouse::document {

// Thread-safe. Bounded by the number of notices.
class NoticeCounts {
 public:
  // `repository` outlives it.
  explicit NoticeCounts(NoticeRepository& repository) : repository_(repository) {}

  void Add(const std::vector<NoticeMatch>& matches, absl::Time time);
  // Writes what waits; what cannot be written waits on. Called by a thread of the module every second, and at the end.
  absl::Status Flush();
  // What was counted, here up to now and by other replicas up to their last Flush; the most matches first.
  absl::StatusOr<std::vector<NoticeCount>> Read();

 private:
  void Merge(const NoticeCount& count);  // under mutex_

  NoticeRepository& repository_;
  std::mutex flush_mutex_;
  std::mutex mutex_;
  std::map<std::string, NoticeCount> waiting_;  // guarded by mutex_
};

}  // namespace gatehouse::document
