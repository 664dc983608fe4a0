// The policy of a border: data, versioned, explained in every answer. It says which checks must be good and which
// results refer a traveller to an officer. There is no rule that clears: clear is what is left when nothing refers.
//   const Recommendation recommendation = Recommend(policy, checks);
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/inspection/check.h"
#include "services/inspection/inspection.h"

namespace gatehouse::inspection {

struct PolicyRule {
  std::string name;
  std::string check;
  std::vector<CheckStatus> when;
  std::string text;       // why, for an officer
  bool if_first = false;  // speaks only when no rule above it has
};

struct Policy {
  std::string version;
  // Each must be kSuccessful; anything else refers, by a rule that says why or by the requirement itself.
  std::vector<std::string> required_checks;
  std::vector<PolicyRule> rules;
};

// INVALID_ARGUMENT for a policy that cannot mean what its author thinks: no version, no required check, a check nobody
// makes, a rule without name, text or status, a name given twice, a rule that refers on success; and for one that would
// clear on a missing answer: the document (mrz or chip), document_list, nominal_list and history must each be required
// or referred by rules for NOT_DONE, UNDETERMINED and ABORTED.
absl::Status CheckPolicy(const Policy& policy);

// Pure. `policy` passed CheckPolicy. Reasons come in the order of the rules, then of the required checks.
Recommendation Recommend(const Policy& policy, const std::vector<Check>& checks);

}  // namespace gatehouse::inspection
