// What a call leaves in the audit log: an intent and its outcome, or a refusal. Private to libs/rpc.
#pragma once

#include "absl/status/status.h"
#include "libs/audit/audit.h"
#include "libs/base/clock.h"
#include "libs/base/periodic.h"
#include "libs/rpc/refusal_tally.h"
#include "libs/rpc/running_call.h"

namespace gatehouse::rpc {

// Of a write that hangs: what waits behind it lets go of its thread. Outcomes land all the same once it goes on.
inline constexpr absl::Duration kAuditPatience = absl::Seconds(5);

// Thread-safe. Each blocks until its leaves are on disk, those of in-process calls with the outcome of the call they
// serve (docs/decisions/0005), or the time of the thread is over; a thread without time left, as one that tells what a
// call did, has kAuditPatience. UNAVAILABLE when the log refuses; the log of the process says why.
class CallAudit {
 public:
  CallAudit(audit::Log& log, base::Clock& clock);
  // Writes the refusals that were only counted so far.
  ~CallAudit();

  absl::Status Intent(const RunningCall& call);
  // With the call's subjects, documents and names.
  absl::Status Outcome(const RunningCall& call, const absl::Status& status);
  // Of a caller who is refused again and again, most are counted, not written one by one (refusal_tally.h).
  absl::Status Refusal(const RunningCall& call);

 private:
  audit::Leaf LeafOf(const RunningCall& call, audit::Kind kind, const absl::Status& status);
  absl::Status Append(const RunningCall& call, const audit::Leaf& leaf);
  void WriteCounts(absl::Time until);

  audit::Log& log_;
  base::Clock& clock_;
  RefusalTally refusals_;
  base::Periodic counts_;  // last: it uses the others
};

}  // namespace gatehouse::rpc
