// What is wrong with the bases, as named conditions (libs/observe/conditions.h), all of them degraded: a post without a
// base refers everybody, and goes on.
//   watchlist.base.NAME        a base that is required and missing or of the wrong kind, or any that is too old or
//   empty,
//                              or whose newest edition is damaged
//   watchlist.required_bases   the configuration requires none, so none is missed
//   watchlist.refresh          the store did not say what others imported; what is in memory serves, its age shows
// docs/runbooks/required-base.md is what to do.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/observe/conditions.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {

// Of one thread.
class BaseConditions {
 public:
  explicit BaseConditions(observe::Conditions& conditions) : conditions_(conditions) {}  // which outlives it

  // After each refresh.
  void Tell(const absl::Status& refreshed, const std::vector<BaseInfo>& bases);

 private:
  observe::Conditions& conditions_;
  std::set<std::string> raised_;  // names of conditions of bases
};

}  // namespace gatehouse::watchlist
