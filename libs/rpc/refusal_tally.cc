#include "libs/rpc/refusal_tally.h"

#include <iterator>

namespace gatehouse::rpc {

RefusalTally::Caller& RefusalTally::CallerOf(audit::Leaf& leaf) {
  if (callers_.size() >= kMaxRefusedCallers && !callers_.contains(leaf.identity)) {
    leaf.identity = kOtherCallers;
    leaf.officer.clear();
    leaf.role.clear();
  }
  Caller& caller = callers_.try_emplace(leaf.identity, Caller{.begin = leaf.time}).first->second;
  if (leaf.time - caller.begin >= kRefusalWindow || leaf.time < caller.begin) {
    caller.begin = leaf.time;
    caller.written = 0;
  }
  return caller;
}

RefusalTally::Window& RefusalTally::WindowOf(Caller& caller, audit::Leaf& leaf) {
  std::pair<std::string, std::string> kind(leaf.verb, leaf.outcome);
  if (caller.kinds.size() >= kMaxRefusalKinds && !caller.kinds.contains(kind)) {
    leaf.verb.clear();
    leaf.outcome.clear();
    kind = {};
  }
  return caller.kinds.try_emplace(std::move(kind), Window{.begin = leaf.time}).first->second;
}

std::optional<audit::Leaf> RefusalTally::TakeCount(Window& window) {
  if (window.counted == 0) return std::nullopt;
  audit::Leaf leaf = window.last;
  leaf.count = std::exchange(window.counted, 0);
  return leaf;
}

std::vector<audit::Leaf> RefusalTally::Add(audit::Leaf leaf) {
  std::lock_guard lock(mutex_);
  Caller& caller = CallerOf(leaf);
  Window& window = WindowOf(caller, leaf);
  std::vector<audit::Leaf> leaves;
  if (window.IsOver(leaf.time)) {
    if (std::optional<audit::Leaf> count = TakeCount(window)) leaves.push_back(*std::move(count));
    window = {.begin = leaf.time};
  }
  if (window.written < kRefusalsWrittenAtOnce && caller.written < kRefusalsWrittenOfCaller) {
    ++window.written;
    ++caller.written;
    leaves.push_back(std::move(leaf));
  } else {
    ++window.counted;
    window.last = std::move(leaf);
  }
  return leaves;
}

std::vector<audit::Leaf> RefusalTally::Due(absl::Time now) {
  std::lock_guard lock(mutex_);
  std::vector<audit::Leaf> leaves;
  for (auto caller = callers_.begin(); caller != callers_.end();) {
    auto& kinds = caller->second.kinds;
    for (auto kind = kinds.begin(); kind != kinds.end();) {
      if (now - kind->second.begin < kRefusalWindow) {
        ++kind;
        continue;
      }
      if (std::optional<audit::Leaf> count = TakeCount(kind->second)) leaves.push_back(*std::move(count));
      kind = kinds.erase(kind);
    }
    // Not before its own minute is over: it has not had its leaves anew.
    const bool over = kinds.empty() && now - caller->second.begin >= kRefusalWindow;
    caller = over ? callers_.erase(caller) : std::next(caller);
  }
  return leaves;
}

void RefusalTally::PutBack(const audit::Leaf& leaf) {
  if (leaf.count == 1) return;  // it was a leaf of its own, and its caller heard that it failed
  std::lock_guard lock(mutex_);
  audit::Leaf again = leaf;
  Window& window = WindowOf(CallerOf(again), again);
  window.counted += leaf.count;
  window.last = std::move(again);
}

}  // namespace gatehouse::rpc
