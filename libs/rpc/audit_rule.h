// Whether calls of a method are audited. The word has no default: a Method without it does not compile, and one that is
// not audited says why, for whoever reviews it.
//
//   constexpr rpc::Method kScreen{.name = "/gatehouse.watchlist.v1.WatchlistService/Screen", .audit = rpc::Audited{}};
//   constexpr rpc::Method kListBases{.name = "/gatehouse.watchlist.v1.WatchlistService/ListBases",
//                                    .audit = rpc::NotAudited{"names and ages of lists, no person"}};
#pragma once

#include <string_view>

#include "libs/base/check.h"

namespace gatehouse::rpc {

// Reads or writes a person, or changes what decides about persons: intent and outcome are audited, and the answer waits
// for both.
struct Audited {
  explicit constexpr Audited() = default;
};

// `why` is a literal and not empty.
class NotAudited {
 public:
  explicit constexpr NotAudited(std::string_view why) : why_(why) { GH_CHECK(!why_.empty()); }
  constexpr std::string_view why() const { return why_; }

 private:
  std::string_view why_;
};

class AuditRule {
 public:
  AuditRule() = delete;
  constexpr AuditRule(Audited) {}
  constexpr AuditRule(NotAudited rule) : why_not_(rule.why()) {}

  constexpr bool audited() const { return why_not_.empty(); }
  // Empty when it is audited.
  constexpr std::string_view why_not() const { return why_not_; }

 private:
  std::string_view why_not_;
};

}  // namespace gatehouse::rpc
