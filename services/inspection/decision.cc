#include "services/inspection/decision.h"

namespace gatehouse::inspection {
namespace {

bool NeedsNamedOfficer(const Inspection& inspection, Outcome outcome) {
  switch (outcome) {
    case Outcome::kAdmit:
      // A gate that asks again after its own admission is answered, not refused.
      return !inspection.recommendation.clear ||
             (!inspection.decisions.empty() && inspection.decisions.front().outcome == Outcome::kRefer);
    case Outcome::kRefer:
      return false;
    case Outcome::kRefuse:
    case Outcome::kAbandon:
      return true;
  }
  return true;
}

// The traveller may have been listed, refused or erased since: nothing that was found then is known now.
bool IsTooOld(const Inspection& inspection, const Moment& moment) {
  const absl::Duration age = moment.now - inspection.time;
  return inspection.state == State::kOpen && (age > moment.abandon_after || age < -kClockTolerance);
}

}  // namespace

Ruling Rule(const Inspection& inspection, const DecisionRequest& request, const Decider& decider,
            const Moment& moment) {
  if (decider.officer.empty() && NeedsNamedOfficer(inspection, request.outcome)) return Ruling::kNamedOfficerRequired;
  if (!inspection.decisions.empty()) {
    const Decision& last = inspection.decisions.back();
    if (last.outcome == request.outcome && last.reason_code == request.reason_code) return Ruling::kRepeated;
  }
  const bool open = inspection.state == State::kOpen;
  const bool referred = inspection.state == State::kReferred && request.outcome != Outcome::kRefer;
  if (!open && !referred) return Ruling::kAlreadyDecided;
  // Closing it is what its age asks for.
  if (request.outcome != Outcome::kAbandon && IsTooOld(inspection, moment)) return Ruling::kTooOld;
  if (decider.officer.empty() && request.outcome == Outcome::kAdmit && inspection.overtaken) return Ruling::kOvertaken;
  return Ruling::kAllowed;
}

State StateAfter(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAdmit:
      return State::kAdmitted;
    case Outcome::kRefer:
      return State::kReferred;
    case Outcome::kRefuse:
      return State::kRefused;
    case Outcome::kAbandon:
      return State::kAbandoned;
  }
  return State::kOpen;
}

bool MakesCrossing(Outcome outcome) { return outcome == Outcome::kAdmit || outcome == Outcome::kRefuse; }

}  // namespace gatehouse::inspection
