#include "libs/rpc/refusal_tally.h"

#include <utility>

namespace gatehouse::rpc {

RefusalTally::Window& RefusalTally::WindowOf(audit::Leaf& leaf) {
  Key key = {leaf.identity, leaf.verb, leaf.outcome};
  if (windows_.size() >= kMaxRefusalKinds && !windows_.contains(key)) {
    leaf.identity = kOtherCallers;
    leaf.officer.clear();
    leaf.role.clear();
    key = {leaf.identity, leaf.verb, leaf.outcome};
    // Methods and answers are few, so this adds few.
    if (windows_.size() >= 2 * kMaxRefusalKinds) key = {leaf.identity, "", ""};
  }
  const auto [window, fresh] = windows_.try_emplace(std::move(key));
  if (fresh) window->second.begin = leaf.time;
  return window->second;
}

std::optional<audit::Leaf> RefusalTally::TakeCount(Window& window) {
  if (window.counted == 0) return std::nullopt;
  audit::Leaf leaf = window.last;
  leaf.count = std::exchange(window.counted, 0);
  return leaf;
}

std::vector<audit::Leaf> RefusalTally::Add(audit::Leaf leaf) {
  std::lock_guard lock(mutex_);
  Window& window = WindowOf(leaf);
  std::vector<audit::Leaf> leaves;
  if (leaf.time - window.begin >= kRefusalWindow || leaf.time < window.begin) {
    if (std::optional<audit::Leaf> count = TakeCount(window)) leaves.push_back(*std::move(count));
    window = {.begin = leaf.time};
  }
  if (window.written < kRefusalsWrittenAtOnce) {
    ++window.written;
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
  for (auto window = windows_.begin(); window != windows_.end();) {
    if (now - window->second.begin < kRefusalWindow) {
      ++window;
      continue;
    }
    if (std::optional<audit::Leaf> count = TakeCount(window->second)) leaves.push_back(*std::move(count));
    window = windows_.erase(window);
  }
  return leaves;
}

void RefusalTally::PutBack(const audit::Leaf& leaf) {
  if (leaf.count == 1) return;  // it was a leaf of its own, and its caller heard that it failed
  std::lock_guard lock(mutex_);
  audit::Leaf again = leaf;
  Window& window = WindowOf(again);
  window.counted += leaf.count;
  window.last = std::move(again);
}

}  // namespace gatehouse::rpc
