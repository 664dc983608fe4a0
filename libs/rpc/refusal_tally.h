// How many refusals of one caller are leaves of their own. Somebody who is refused a thousand times a second would fill
// the audit log (37 GiB a day at 36,000 a minute): of each caller, method and answer the first few of a minute are
// written as they come, and of each caller so many in all; the rest are counted and written as one leaf a method and
// answer when the minute is over. Methods are the caller's own words, so of those only the first few are told apart:
// whatever one caller sends, what the others did is told by their names. Private to libs/rpc.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/audit/audit.h"

namespace gatehouse::rpc {

inline constexpr absl::Duration kRefusalWindow = absl::Minutes(1);
// In a window: of one caller, method and answer; of one caller.
inline constexpr int kRefusalsWrittenAtOnce = 5;
inline constexpr int kRefusalsWrittenOfCaller = 20;
// Methods and answers of one caller told apart; what is more is one kind, of no method and no answer.
inline constexpr size_t kMaxRefusalKinds = 16;
// Callers told apart; what is more is counted together.
inline constexpr size_t kMaxRefusedCallers = 1024;
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
    bool IsOver(absl::Time now) const { return now - begin >= kRefusalWindow || now < begin; }
  };
  struct Caller {
    absl::Time begin;  // of what was written
    int written = 0;
    std::map<std::pair<std::string, std::string>, Window> kinds;  // by method and answer
  };
  Caller& CallerOf(audit::Leaf& leaf);
  static Window& WindowOf(Caller& caller, audit::Leaf& leaf);
  static std::optional<audit::Leaf> TakeCount(Window& window);

  std::mutex mutex_;
  std::map<std::string, Caller> callers_;  // by identity
};

}  // namespace gatehouse::rpc
