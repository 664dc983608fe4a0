#include "services/watchlist/base_conditions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::watchlist {
namespace {

constexpr auto kDegraded = observe::Severity::kDegraded;

bool IsRequired(const BaseInfo& base) { return base.required_for_persons || base.required_for_documents; }

// Empty when nothing is. The text changes only when what is wrong does, or it would be logged again with each round.
std::string WhatIsWrong(const BaseInfo& base) {
  if (base.state != BaseState::kServing) return base.fault;
  // Nobody is cleared past a base that does not answer, whether it is required or not.
  if (base.records == 0) return "it holds no entry";
  if (base.freshness == Freshness::kStale) return "its data is older than max_age_days";
  return "";
}

}  // namespace

void BaseConditions::Tell(const absl::Status& refreshed, const std::vector<BaseInfo>& bases) {
  if (refreshed.ok()) {
    conditions_.Clear("watchlist.refresh");
  } else {
    conditions_.Raise("watchlist.refresh", kDegraded, std::string(refreshed.message()));
  }
  if (std::any_of(bases.begin(), bases.end(), IsRequired)) {
    conditions_.Clear("watchlist.required_bases");
  } else {
    conditions_.Raise("watchlist.required_bases", kDegraded, "no base is required by the configuration");
  }
  std::set<std::string> wrong;
  for (const BaseInfo& base : bases) {
    const std::string why = WhatIsWrong(base);
    if (why.empty()) continue;
    conditions_.Raise(*wrong.insert(absl::StrCat("watchlist.base.", base.base)).first, kDegraded, why);
  }
  for (const std::string& name : raised_) {
    if (!wrong.contains(name)) conditions_.Clear(name);
  }
  raised_ = std::move(wrong);
}

}  // namespace gatehouse::watchlist
