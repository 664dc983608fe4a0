// Who may decide what. Pure rules:
//   - an adverse or overriding outcome needs a named officer: refuse, abandon, an admission against the recommendation
//     or after a referral;
//   - without one (a gate), only an admission that the policy clears, and a referral;
//   - admitted, refused and abandoned are final; a referral is followed by another decision;
//   - the same decision again is no new decision.
#pragma once

#include <string>

#include "services/inspection/inspection.h"

namespace gatehouse::inspection {

struct DecisionRequest {
  Outcome outcome = Outcome::kRefer;
  std::string reason_code;
};

// Who decides, as far as there is proof.
struct Decider {
  std::string officer;   // the named human; empty for a gate
  std::string identity;  // of the caller
  const std::string& name() const { return officer.empty() ? identity : officer; }
};

enum class Ruling : uint8_t {
  kAllowed,
  kRepeated,              // this decision stands already
  kNamedOfficerRequired,  // PERMISSION_DENIED
  kAlreadyDecided,        // FAILED_PRECONDITION
};

Ruling Rule(const Inspection& inspection, const DecisionRequest& request, const Decider& decider);

State StateAfter(Outcome outcome);
// Admitted and refused travellers make a crossing; the others count nowhere.
bool MakesCrossing(Outcome outcome);

}  // namespace gatehouse::inspection
