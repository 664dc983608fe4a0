#include "libs/rpc/call_audit.h"

#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"

namespace gatehouse::rpc {
namespace {

constexpr absl::Duration kCountsPause = absl::Seconds(5);

void LogRefusing(const audit::Leaf& leaf, const absl::Status& why) {
  observe::LogError("audit log refuses", {{"call_id", leaf.call_id}, {"why", std::string(why.message())}});
}

}  // namespace

CallAudit::CallAudit(audit::Log& log, base::Clock& clock)
    : log_(log), clock_(clock), counts_(kCountsPause, kAuditPatience, [this] { WriteCounts(clock_.Now()); }) {
  counts_.Start();
}

CallAudit::~CallAudit() {
  counts_.Stop();
  const base::WorkTimeScope scope(base::WorkTime::In(kAuditPatience));
  WriteCounts(absl::InfiniteFuture());
}

absl::Status CallAudit::Intent(const RunningCall& call) {
  audit::Leaf leaf = LeafOf(call, audit::Kind::kIntent, absl::OkStatus());
  leaf.outcome.clear();
  return Append(call, leaf);
}

absl::Status CallAudit::Outcome(const RunningCall& call, const absl::Status& status) {
  const base::WorkTimeScope scope(base::WorkTime::In(kAuditPatience));
  audit::Leaf leaf = LeafOf(call, audit::Kind::kOutcome, status);
  leaf.subjects = call.subjects;
  leaf.documents = call.documents;
  leaf.names = call.names;
  return Append(call, leaf);
}

absl::Status CallAudit::Refusal(const RunningCall& call) {
  const base::WorkTimeScope scope(base::WorkTime::In(kAuditPatience));
  for (const audit::Leaf& leaf : refusals_.Add(LeafOf(call, audit::Kind::kRefusal, call.refusal))) {
    const absl::Status written = Append(call, leaf);
    if (written.ok()) continue;
    refusals_.PutBack(leaf);
    return written;
  }
  return absl::OkStatus();
}

void CallAudit::WriteCounts(absl::Time until) {
  for (const audit::Leaf& leaf : refusals_.Due(until)) {
    const absl::Status written = log_.Append(leaf);
    if (written.ok()) continue;
    LogRefusing(leaf, written);
    refusals_.PutBack(leaf);
  }
}

audit::Leaf CallAudit::LeafOf(const RunningCall& call, audit::Kind kind, const absl::Status& status) {
  return audit::Leaf{.kind = kind,
                     .time = clock_.Now(),
                     .call_id = call.call_id,
                     .identity = call.identity,
                     .officer = call.caller.officer,
                     .role = call.role,
                     .purpose = call.caller.purpose,
                     .verb = std::string(call.method.name),
                     .outcome = absl::StatusCodeToString(status.code())};
}

absl::Status CallAudit::Append(const RunningCall& call, const audit::Leaf& leaf) {
  const absl::Status written = call.caller.in_process ? log_.AppendWithin(leaf) : log_.Append(leaf);
  if (written.ok()) return written;
  LogRefusing(leaf, written);
  return absl::UnavailableError("the audit log refuses, so the answer is refused");
}

}  // namespace gatehouse::rpc
