// Who may decide what. Pure rules:
//   - an adverse or overriding outcome needs a named officer: refuse, abandon, an admission against the recommendation
//     or after a referral;
//   - without one (a gate), only an admission that the policy clears, and a referral;
//   - admitted, refused and abandoned are final; a referral is followed by another decision;
//   - an open inspection is decided while what it found is fresh: not after the time in which it is abandoned, whether
//   or
//     not anything ran to close it, and not by a clock that went behind it;
//   - without a named human, an inspection admits only while it had the last word on every document and person shown in
//     it: not when another inspection of one of them was made, referred, admitted or refused since;
//   - the same decision again is no new decision.
#pragma once

#include <string>

#include "absl/time/time.h"
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

// When a decision is asked for.
struct Moment {
  absl::Time now;
  absl::Duration abandon_after;  // an open inspection that is older is decided by nobody
};

// The clocks of two processes of a cluster are not further apart: an inspection that seems to be made later than this
// after now was made before a clock was set back.
inline constexpr absl::Duration kClockTolerance = absl::Minutes(1);

enum class Ruling : uint8_t {
  kAllowed,
  kRepeated,              // this decision stands already
  kNamedOfficerRequired,  // PERMISSION_DENIED
  kAlreadyDecided,        // FAILED_PRECONDITION
  kTooOld,                // FAILED_PRECONDITION: inspect again
  kOvertaken,             // FAILED_PRECONDITION: a human looks at the other inspection, or inspect again
};

Ruling Rule(const Inspection& inspection, const DecisionRequest& request, const Decider& decider, const Moment& moment);

State StateAfter(Outcome outcome);
// Admitted and refused travellers make a crossing; the others count nowhere.
bool MakesCrossing(Outcome outcome);

}  // namespace gatehouse::inspection
