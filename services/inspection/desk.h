// The desk: takes decisions, makes their crossings, and closes what nobody decided. Decision and crossing intent are
// one commit; the register of crossings is told afterwards, under the inspection's id, and told again until it accepts,
// also after a restart, because the intent is a row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "services/inspection/decision.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct DeskAnswer {
  Ruling ruling = Ruling::kAllowed;  // with the other rulings nothing happened
  Inspection inspection;             // as it stands
  size_t decision = 0;               // of its decisions: the one this answers, where the ruling is allowed or repeated
};

// Thread-safe.
class Desk {
 public:
  struct Deps {
    InspectionStore& store;
    CrossingIntents& intents;
    CrossingRecorder& recorder;
    base::Clock& clock;
    absl::Duration record_timeout = absl::Seconds(2);  // of one call to the register
    absl::Duration abandon_after = absl::Minutes(30);  // an open inspection; older ones are not decided any more
  };
  explicit Desk(Deps deps) : deps_(std::move(deps)) {}

  // Durable on return. The crossing is accepted when inspection.crossing has its id, else it is pending or refused.
  absl::StatusOr<DeskAnswer> Decide(const InspectionId& id, const RequestKey& request, const DecisionRequest& decision,
                                    const Decider& decider, const OnBehalf& on_behalf);

  struct DriveResult {
    int accepted = 0;
    int postponed = 0;
    int refused = 0;
    std::vector<std::string> damaged;  // rows that were passed over
    absl::Status last_failure;         // of those that were postponed or refused
  };
  // Tells the register what is due, until it is found out of reach or the time of this thread is over: then the rest
  // waits for the next call, so that one call takes one record_timeout more, not a hundred. What the register refuses
  // for good leaves the loop. A call goes on where the one before ended, so that rows which do not read are not in the
  // way, and begins anew behind the last. For one worker of a process; several processes may do it at once, the
  // register makes one crossing.
  absl::StatusOr<DriveResult> DrivePending();

  struct CloseResult {
    int closed = 0;
    std::vector<std::string> damaged;  // inspections that were passed over
  };
  // Closes open inspections that are older than abandon_after, a bounded number at once; the next call goes on where
  // this one ended, so that rows which do not read are not in the way. For one worker.
  absl::StatusOr<CloseResult> CloseUndecided();

 private:
  absl::StatusOr<std::string> Record(const InspectionId& inspection, const OnBehalf& on_behalf);

  const Deps deps_;
  std::optional<InspectionPosition> driven_to_;
  std::optional<InspectionPosition> closed_to_;
};

// How long to wait after this many attempts: doubling from one second to a minute.
absl::Duration Backoff(int attempts);

// Asking again could only be refused again: what was asked is wrong, not the register out.
bool IsRefusal(const absl::Status& status);

// What a decided inspection asks the register to record. The last decision makes a crossing.
CrossingIntent IntentOf(const Inspection& inspection);

}  // namespace gatehouse::inspection
