// The desk: takes decisions, makes their crossings, and closes what nobody decided. Decision and crossing intent are
// one commit; the register of crossings is told afterwards, under the inspection's id, and told again until it accepts,
// also after a restart, because the intent is a row.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "services/inspection/decision.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct DeskAnswer {
  Ruling ruling = Ruling::kAllowed;  // with the other rulings nothing happened
  Inspection inspection;             // as it stands
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
    absl::Duration abandon_after = absl::Minutes(30);  // an open inspection
  };
  explicit Desk(Deps deps) : deps_(std::move(deps)) {}

  // Durable on return. The crossing is accepted when inspection.crossing has its id, else it is pending.
  absl::StatusOr<DeskAnswer> Decide(const InspectionId& id, const DecisionRequest& request, const Decider& decider,
                                    const OnBehalf& on_behalf);

  struct DriveResult {
    int accepted = 0;
    int postponed = 0;
  };
  // Tells the register what is due, until it is found out of reach: then the rest waits for the next call, so that one
  // call takes one record_timeout more, not a hundred. For a worker; several processes may do it at once, the register
  // makes one crossing.
  absl::StatusOr<DriveResult> DrivePending();

  // Closes open inspections that are older than abandon_after; how many.
  absl::StatusOr<int> CloseUndecided();

 private:
  absl::StatusOr<std::string> Record(const Inspection& inspection, const OnBehalf& on_behalf);

  const Deps deps_;
};

// How long to wait after this many attempts: doubling from one second to a minute.
absl::Duration Backoff(int attempts);

}  // namespace gatehouse::inspection
