#include "services/inspection/policy.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"

namespace gatehouse::inspection {
namespace {

constexpr size_t kMaxRules = 1000;

bool IsKnownCheck(std::string_view id) {
  return std::find(std::begin(kAllChecks), std::end(kAllChecks), id) != std::end(kAllChecks);
}

absl::Status CheckRule(const PolicyRule& rule, std::set<std::string>& names) {
  if (rule.name.empty()) return absl::InvalidArgumentError("a rule has no name");
  if (!names.insert(rule.name).second)
    return absl::InvalidArgumentError(absl::StrCat("two rules are called ", rule.name));
  if (!IsKnownCheck(rule.check)) {
    return absl::InvalidArgumentError(absl::StrCat("rule ", rule.name, ": there is no check ", rule.check));
  }
  if (rule.when.empty()) return absl::InvalidArgumentError(absl::StrCat("rule ", rule.name, " never speaks"));
  if (rule.text.empty()) return absl::InvalidArgumentError(absl::StrCat("rule ", rule.name, " does not say why"));
  const bool on_success = std::find(rule.when.begin(), rule.when.end(), CheckStatus::kSuccessful) != rule.when.end();
  if (on_success) return absl::InvalidArgumentError(absl::StrCat("rule ", rule.name, " refers on success"));
  return absl::OkStatus();
}

// What an answer that is missing, or open, or broken off looks like.
constexpr CheckStatus kOpen[] = {CheckStatus::kNotDone, CheckStatus::kUndetermined, CheckStatus::kAborted};

// Whether the policy refers whenever this check gave no answer: it requires it, or its rules speak for each way.
bool RefersWithout(const Policy& policy, std::string_view id) {
  const auto& required = policy.required_checks;
  if (std::find(required.begin(), required.end(), id) != required.end()) return true;
  return std::all_of(std::begin(kOpen), std::end(kOpen), [&](CheckStatus open) {
    return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const PolicyRule& rule) {
      return rule.check == id && std::find(rule.when.begin(), rule.when.end(), open) != rule.when.end();
    });
  });
}

absl::Status CheckNoAnswerClears(const Policy& policy) {
  constexpr std::string_view kHow =
      " is neither required nor referred by rules for NOT_DONE, UNDETERMINED and ABORTED: no answer would clear";
  if (!RefersWithout(policy, kMrz) && !RefersWithout(policy, kChip)) {
    return absl::InvalidArgumentError(absl::StrCat("the document (mrz or chip)", std::string(kHow)));
  }
  for (const std::string_view id : {kDocumentList, kNominalList, kHistory}) {
    if (!RefersWithout(policy, id)) return absl::InvalidArgumentError(absl::StrCat(std::string(id), std::string(kHow)));
  }
  return absl::OkStatus();
}

const Check* Find(const std::vector<Check>& checks, std::string_view id) {
  const auto found = std::find_if(checks.begin(), checks.end(), [id](const Check& check) { return check.id == id; });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace

absl::Status CheckPolicy(const Policy& policy) {
  if (policy.version.empty()) return absl::InvalidArgumentError("the policy has no version");
  if (policy.required_checks.empty()) return absl::InvalidArgumentError("the policy requires no check");
  for (const std::string& id : policy.required_checks) {
    if (!IsKnownCheck(id)) return absl::InvalidArgumentError(absl::StrCat("required_checks: there is no check ", id));
  }
  if (policy.rules.size() > kMaxRules) return absl::InvalidArgumentError("the policy has over 1000 rules");
  std::set<std::string> names;
  for (const PolicyRule& rule : policy.rules) {
    if (absl::Status status = CheckRule(rule, names); !status.ok()) return status;
  }
  return CheckNoAnswerClears(policy);
}

Recommendation Recommend(const Policy& policy, const std::vector<Check>& checks) {
  Recommendation recommendation{.policy_version = policy.version};
  std::set<std::string> explained;
  for (const PolicyRule& rule : policy.rules) {
    const Check* check = Find(checks, rule.check);
    if (check == nullptr || std::find(rule.when.begin(), rule.when.end(), check->status) == rule.when.end()) continue;
    explained.insert(rule.check);
    if (rule.if_first && !recommendation.reasons.empty()) continue;
    recommendation.reasons.push_back({rule.check, rule.name, rule.text});
  }
  for (const std::string& id : policy.required_checks) {
    const Check* check = Find(checks, id);
    if (explained.contains(id) || (check != nullptr && check->status == CheckStatus::kSuccessful)) continue;
    const std::string text = check == nullptr ? "the check was not made" : check->reason;
    recommendation.reasons.push_back({id, "required", absl::StrCat("required: ", text)});
  }
  recommendation.clear = recommendation.reasons.empty();
  return recommendation;
}

}  // namespace gatehouse::inspection
