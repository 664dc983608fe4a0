// How many refusals of one caller are leaves of their own. Somebody who is refused a thousand times a second would fill
// the audit log (37 GiB a day at 36,000 a minute): of each caller, method and answer the first few of a minute are
// written as they come, the rest are counted and written as one leaf when the minute is over. Private to libs/rpc.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/audit/audit.h"

namespace gatehouse::rpc {

inline constexpr int kRefusalsWrittenAtOnce = 5;
inline constexpr absl::Duration kRefusalWindow = absl::Minutes(1);
// Callers, methods and answers told apart; what is more is counted together.
inline constexpr size_t kMaxRefusalKinds = 1024;
inline constexpr char kOtherCallers[] = "(several callers)";

// Thread-safe. By the time of the leaves.
class RefusalTally {
 public:
  // What to write now: the leaf itself, nothing when it was counted, and before either the counts of a window that is
  // over.
  std::vector<audit::Leaf> Add(audit::Leaf leaf);
  // The counts of the windows that are over at `now`; of all at InfiniteFuture.
  std::vector<audit::Leaf> Due(absl::Time now);
  // A count that could not be written is written later.
  void PutBack(const audit::Leaf& leaf);

 private:
  struct Window {
    absl::Time begin;
    int written = 0;
    uint32_t counted = 0;
    audit::Leaf last;
  };
  using Key = std::vector<std::string>;
  Window& WindowOf(audit::Leaf& leaf);
  static std::optional<audit::Leaf> TakeCount(Window& window);

  std::mutex mutex_;
  std::map<Key, Window> windows_;
};

}  // namespace gatehouse::rpc
