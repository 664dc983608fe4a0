#include "services/inspection/desk.h"

#include <algorithm>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"

namespace gatehouse::inspection {
namespace {

constexpr int kDriveBatch = 100;
constexpr int kCloseBatch = 100;
constexpr char kNobodyDecided[] = "NOBODY_DECIDED";

std::string WordOf(const absl::Status& status) {
  return status.message().empty() ? absl::StatusCodeToString(status.code()) : std::string(status.message());
}

// The store itself is out, or our time is over: no row is to blame.
bool IsOfTheStore(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Duration Backoff(int attempts) {
  constexpr absl::Duration kFirst = absl::Seconds(1);
  constexpr absl::Duration kMost = absl::Minutes(1);
  const int doublings = std::clamp(attempts, 0, 6);
  return std::min(kMost, kFirst * (1 << doublings));
}

// Not PERMISSION_DENIED or UNIMPLEMENTED: those a configuration or an update of the register mends.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status) ||
         absl::IsOutOfRange(status);
}

CrossingIntent IntentOf(const Inspection& inspection) {
  const Decision& decision = inspection.decisions.back();
  GH_CHECK(MakesCrossing(decision.outcome));
  return {.inspection = inspection.id,
          .direction = inspection.direction,
          .post = inspection.post,
          .conveyance = inspection.conveyance,
          .time = decision.time,
          .admitted = decision.outcome == Outcome::kAdmit,
          .reason_code = decision.reason_code,
          .identity = inspection.identity,
          .officer = decision.officer};
}

absl::StatusOr<std::string> Desk::Record(const InspectionId& inspection, const OnBehalf& on_behalf) {
  const absl::StatusOr<CrossingRequest> request = deps_.intents.Request(inspection);
  absl::Status status = request.status();
  // Our own copy is gone for good, which no sending mends.
  bool refused = absl::IsDataLoss(status) || absl::IsNotFound(status);
  if (request.ok()) {
    absl::StatusOr<std::string> crossing_id = deps_.recorder.Record(*request, on_behalf);
    if (crossing_id.ok()) {
      // The crossing is durable over there; if this note is lost, the next drive asks again and gets the same id.
      deps_.intents.Accepted(inspection, *crossing_id).IgnoreError();
      return crossing_id;
    }
    status = crossing_id.status();
    refused = IsRefusal(status);
  }
  if (!refused) return status;
  GH_RETURN_IF_ERROR(deps_.intents.Refuse(inspection, WordOf(status), deps_.clock.Now()));
  return absl::FailedPreconditionError(WordOf(status));
}

absl::StatusOr<DeskAnswer> Desk::Decide(const InspectionId& id, const RequestKey& request,
                                        const DecisionRequest& decision, const Decider& decider,
                                        const OnBehalf& on_behalf) {
  Ruling ruling = Ruling::kAllowed;
  const auto rule = [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
    const Moment moment{.now = deps_.clock.Now(), .abandon_after = deps_.abandon_after};
    ruling = Rule(current, decision, decider, moment);
    if (ruling != Ruling::kAllowed) return std::nullopt;
    return Decision{.outcome = decision.outcome,
                    .reason_code = decision.reason_code,
                    .officer = decider.name(),
                    .time = moment.now};
  };
  GH_ASSIGN_OR_RETURN(Decided decided, deps_.store.Decide(id, request, rule));
  if (decided.taken) ruling = Ruling::kRepeated;
  Inspection& inspection = decided.inspection;
  const bool standing = ruling == Ruling::kAllowed || ruling == Ruling::kRepeated;
  if (standing && inspection.crossing && inspection.crossing->crossing_id.empty() &&
      inspection.crossing->refusal.empty()) {
    OnBehalf until = on_behalf;
    until.deadline = std::min(on_behalf.deadline, deps_.clock.Now() + deps_.record_timeout);
    absl::StatusOr<std::string> crossing_id = Record(id, until);
    if (crossing_id.ok()) {
      inspection.crossing->crossing_id = *std::move(crossing_id);
    } else if (absl::IsFailedPrecondition(crossing_id.status())) {
      inspection.crossing->refusal = WordOf(crossing_id.status());
    }
  }
  const size_t last = inspection.decisions.empty() ? 0 : inspection.decisions.size() - 1;
  return DeskAnswer{.ruling = ruling, .inspection = std::move(inspection), .decision = decided.taken.value_or(last)};
}

absl::StatusOr<Desk::DriveResult> Desk::DrivePending() {
  DriveResult result;
  GH_ASSIGN_OR_RETURN(DueCrossings found, deps_.intents.Due(deps_.clock.Now(), driven_to_, kDriveBatch));
  const bool more = found.due.size() + found.damaged.size() >= kDriveBatch;
  result.damaged = std::move(found.damaged);
  for (const PendingCrossing& pending : found.due) {
    if (!base::CheckWorkTime().ok()) return result;
    const absl::Status recorded = Record(pending.inspection, {.purpose = "border_inspection",
                                                              .call_id = pending.inspection.value(),
                                                              .deadline = deps_.clock.Now() + deps_.record_timeout})
                                      .status();
    if (recorded.ok()) {
      ++result.accepted;
      continue;
    }
    result.last_failure = recorded;
    if (absl::IsFailedPrecondition(recorded)) {
      ++result.refused;
      continue;
    }
    ++result.postponed;
    GH_RETURN_IF_ERROR(deps_.intents.Postpone(pending.inspection, deps_.clock.Now() + Backoff(pending.attempts)));
    // The register is out, not this crossing wrong: the others would only wait for it too, and a drain for them all.
    if (absl::IsUnavailable(recorded) || absl::IsDeadlineExceeded(recorded)) return result;
  }
  // From the longest due again: what did not read may have been mended.
  driven_to_ = more ? found.last : std::nullopt;
  return result;
}

absl::StatusOr<Desk::CloseResult> Desk::CloseUndecided() {
  CloseResult result;
  GH_ASSIGN_OR_RETURN(const std::vector<InspectionPosition> undecided,
                      deps_.store.Undecided(deps_.clock.Now() - deps_.abandon_after, closed_to_, kCloseBatch));
  for (const InspectionPosition& position : undecided) {
    if (!base::CheckWorkTime().ok()) return result;
    bool still_open = false;
    const auto close = [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
      still_open = current.state == State::kOpen;
      if (!still_open) return std::nullopt;
      return Decision{.outcome = Outcome::kAbandon, .reason_code = kNobodyDecided, .time = deps_.clock.Now()};
    };
    const absl::Status status = deps_.store.Decide(InspectionId(position.id), {}, close).status();
    if (IsOfTheStore(status)) return status;
    closed_to_ = position;
    // An erased inspection is nobody's any more.
    if (!status.ok() && !absl::IsNotFound(status)) result.damaged.push_back(position.id);
    if (status.ok() && still_open) ++result.closed;
  }
  // From the oldest again: what does not read may have been mended.
  if (undecided.size() < kCloseBatch) closed_to_.reset();
  return result;
}

}  // namespace gatehouse::inspection
