#include "services/inspection/desk.h"

#include <algorithm>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::inspection {
namespace {

constexpr int kDriveBatch = 100;
constexpr int kCloseBatch = 100;
constexpr char kNobodyDecided[] = "NOBODY_DECIDED";

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

}  // namespace

absl::Duration Backoff(int attempts) {
  constexpr absl::Duration kFirst = absl::Seconds(1);
  constexpr absl::Duration kMost = absl::Minutes(1);
  const int doublings = std::clamp(attempts, 0, 6);
  return std::min(kMost, kFirst * (1 << doublings));
}

absl::StatusOr<std::string> Desk::Record(const Inspection& inspection, const OnBehalf& on_behalf) {
  GH_ASSIGN_OR_RETURN(std::string crossing_id, deps_.recorder.Record(IntentOf(inspection), on_behalf));
  // The crossing is durable over there; if this note is lost, the next drive asks again and gets the same id.
  deps_.intents.Accepted(inspection.id, crossing_id).IgnoreError();
  return crossing_id;
}

absl::StatusOr<DeskAnswer> Desk::Decide(const InspectionId& id, const DecisionRequest& request, const Decider& decider,
                                        const OnBehalf& on_behalf) {
  Ruling ruling = Ruling::kAllowed;
  GH_ASSIGN_OR_RETURN(Inspection inspection,
                      deps_.store.Decide(id, [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
                        ruling = Rule(current, request, decider);
                        if (ruling != Ruling::kAllowed) return std::nullopt;
                        return Decision{.outcome = request.outcome,
                                        .reason_code = request.reason_code,
                                        .officer = decider.name(),
                                        .time = deps_.clock.Now()};
                      }));
  const bool standing = ruling == Ruling::kAllowed || ruling == Ruling::kRepeated;
  if (standing && inspection.crossing && inspection.crossing->crossing_id.empty()) {
    OnBehalf until = on_behalf;
    until.deadline = std::min(on_behalf.deadline, deps_.clock.Now() + deps_.record_timeout);
    absl::StatusOr<std::string> crossing_id = Record(inspection, until);
    if (crossing_id.ok()) inspection.crossing->crossing_id = *std::move(crossing_id);
  }
  return DeskAnswer{.ruling = ruling, .inspection = std::move(inspection)};
}

absl::StatusOr<Desk::DriveResult> Desk::DrivePending() {
  DriveResult result;
  GH_ASSIGN_OR_RETURN(const std::vector<PendingCrossing> due, deps_.intents.Due(deps_.clock.Now(), kDriveBatch));
  for (const PendingCrossing& pending : due) {
    absl::StatusOr<Inspection> inspection = deps_.store.Get(pending.inspection);
    absl::Status recorded = inspection.status();
    if (inspection.ok()) {
      recorded = Record(*inspection, {.officer = inspection->decisions.back().officer,
                                      .purpose = "border_inspection",
                                      .call_id = pending.inspection.value(),
                                      .deadline = deps_.clock.Now() + deps_.record_timeout})
                     .status();
    }
    if (recorded.ok()) {
      ++result.accepted;
      continue;
    }
    ++result.postponed;
    GH_RETURN_IF_ERROR(deps_.intents.Postpone(pending.inspection, deps_.clock.Now() + Backoff(pending.attempts)));
    // The register is out, not this crossing wrong: the others would only wait for it too, and a drain for them all.
    if (absl::IsUnavailable(recorded) || absl::IsDeadlineExceeded(recorded)) break;
  }
  return result;
}

absl::StatusOr<int> Desk::CloseUndecided() {
  int closed = 0;
  GH_ASSIGN_OR_RETURN(const std::vector<InspectionId> undecided,
                      deps_.store.Undecided(deps_.clock.Now() - deps_.abandon_after, kCloseBatch));
  for (const InspectionId& id : undecided) {
    bool still_open = false;
    const auto close = [&](const Inspection& current) -> absl::StatusOr<std::optional<Decision>> {
      still_open = current.state == State::kOpen;
      if (!still_open) return std::nullopt;
      return Decision{.outcome = Outcome::kAbandon, .reason_code = kNobodyDecided, .time = deps_.clock.Now()};
    };
    const absl::Status status = deps_.store.Decide(id, close).status();
    // An erased inspection is nobody's any more.
    if (absl::IsNotFound(status)) continue;
    GH_RETURN_IF_ERROR(status);
    if (still_open) ++closed;
  }
  return closed;
}

}  // namespace gatehouse::inspection
