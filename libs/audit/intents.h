// Outcomes are written without what their intents say (who, in which role, why, which verb): whoever reads a chain
// gives it back to them. Private to libs/audit.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "libs/audit/audit.h"

namespace gatehouse::audit {

// Fed with the leaves of a chain, in their order. Not thread-safe; holds the intents whose outcomes have not come.
class Intents {
 public:
  // Remembers an intent, and completes an outcome. False for an outcome whose intent was not seen: it is in a segment
  // that was taken away, or its leaf is damaged.
  bool Complete(Leaf& leaf);
  // Calls without an outcome so far.
  int64_t open() const;

 private:
  struct Open {
    Leaf leaf;
    int64_t count = 0;
  };
  static void CopyTexts(const Leaf& intent, Leaf& outcome);

  std::unordered_map<uint64_t, Open> open_;
  // The one that was completed last: an outcome with many subjects is several leaves, one behind the other.
  Leaf last_;
  uint64_t last_key_ = 0;
};

}  // namespace gatehouse::audit
