// The one answer over all checks of a document: each check as the policy judges it, and TR-03135's aggregation over
// those that count. Pure, so that a report can be judged again later by the policy that made it.
#pragma once

#include <string>
#include <vector>

#include "libs/emrtd/tr03135.h"
#include "services/document/policy.h"

namespace gatehouse::document {

// What the policy made of one check.
struct Judgement {
  emrtd::Tr03135State judged = emrtd::Tr03135State::kUndetermined;
  bool counts = true;
  std::string policy_rule;  // that changed the state or left the check out; empty: none did
  std::string reason;       // its text
};

struct Verdict {
  emrtd::Tr03135State state = emrtd::Tr03135State::kUndetermined;
  std::string text;  // for an officer; never personal data
  std::string policy_name;
  std::string policy_version;
  std::vector<Judgement> judgements;       // one a check, in the order of the checks
  std::vector<std::string> decided_by;     // ids of the checks that kept it from being successful, gravest first
  std::vector<std::string> not_looked_at;  // ids of the checks that were not made and are left out
};

// What the policy asks of passive authentication beside the checks; null when no chip was read.
Verdict Judge(const Policy& policy, const std::vector<emrtd::Tr03135Check>& checks,
              const emrtd::PassiveAuthenticationReport* chip);

}  // namespace gatehouse::document
