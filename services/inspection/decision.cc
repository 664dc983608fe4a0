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

}  // namespace

Ruling Rule(const Inspection& inspection, const DecisionRequest& request, const Decider& decider) {
  if (decider.officer.empty() && NeedsNamedOfficer(inspection, request.outcome)) return Ruling::kNamedOfficerRequired;
  if (!inspection.decisions.empty()) {
    const Decision& last = inspection.decisions.back();
    if (last.outcome == request.outcome && last.reason_code == request.reason_code) return Ruling::kRepeated;
  }
  const bool open = inspection.state == State::kOpen;
  const bool referred = inspection.state == State::kReferred && request.outcome != Outcome::kRefer;
  return open || referred ? Ruling::kAllowed : Ruling::kAlreadyDecided;
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
