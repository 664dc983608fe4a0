#include "services/document/policy.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::document {
namespace {

using State = emrtd::Tr03135State;

absl::Status Refuse(const std::string& where, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", std::string(why)));
}

bool Speaks(const JudgementRule& rule, State state) {
  return std::find(rule.when.begin(), rule.when.end(), state) != rule.when.end();
}

absl::Status CheckRule(const JudgementRule& rule) {
  const std::string where = absl::StrCat("rule ", rule.name);
  if (rule.name.empty()) return Refuse("rules", "one has no name");
  if (rule.checks.empty()) return Refuse(where, "names no check");
  if (rule.when.empty()) return Refuse(where, "names no state");
  if (rule.text.empty()) return Refuse(where, "has no text");
  if (rule.judged.has_value() == rule.leave_out) return Refuse(where, "must either judge or leave out");
  if (Speaks(rule, State::kSuccessful) && rule.leave_out) return Refuse(where, "leaves out what is successful");
  const bool for_known_deviation = !rule.deviations.empty();
  if (rule.judged == State::kSuccessful && !for_known_deviation) {
    return Refuse(where, "makes a check successful; that needs a named deviation");
  }
  if (rule.leave_out && (Speaks(rule, State::kFailed) || Speaks(rule, State::kAborted)) && !for_known_deviation) {
    return Refuse(where, "leaves out what failed; that needs a named deviation");
  }
  if (rule.judged == State::kNotSupported && Speaks(rule, State::kFailed) && !for_known_deviation) {
    return Refuse(where, "takes a failed check for one the document lacks; that needs a named deviation");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPolicy(const Policy& policy) {
  if (policy.name.empty()) return Refuse("name", "is empty");
  if (policy.version.empty()) return Refuse("version", "is empty");
  for (const auto& [field, state] : {std::pair<const char*, State>{"no_crl", policy.no_crl},
                                     {"stale_crl", policy.stale_crl},
                                     {"authenticity_not_done", policy.authenticity_not_done}}) {
    if (state == State::kSuccessful || state == State::kAborted) {
      return Refuse(field, "must be undetermined, failed or not_supported: a missing answer is never good");
    }
  }
  if (policy.stale_crl == State::kNotSupported) {
    return Refuse("stale_crl", "must be undetermined or failed: the issuer publishes, and what it says is not known");
  }
  std::set<std::string> names;
  for (const JudgementRule& rule : policy.rules) {
    GH_RETURN_IF_ERROR(CheckRule(rule));
    if (!names.insert(rule.name).second) return Refuse(absl::StrCat("rule ", rule.name), "is given twice");
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::document
