#include "libs/rpc/call_audit.h"

#include <algorithm>
#include <span>

#include "libs/base/status_macros.h"
#include "libs/observe/log.h"

namespace gatehouse::rpc {
namespace {

// In one leaf.
constexpr size_t kMaxSubjectsPerLeaf = 1000;
static_assert(kMaxSubjectsPerLeaf <= audit::kMaxSubjects);

}  // namespace

absl::Status CallAudit::Intent(const RunningCall& call) {
  audit::Leaf leaf = LeafOf(call, audit::Kind::kIntent, absl::OkStatus());
  leaf.outcome.clear();
  return Append(call, leaf);
}

absl::Status CallAudit::Outcome(const RunningCall& call, const absl::Status& status) {
  audit::Leaf leaf = LeafOf(call, audit::Kind::kOutcome, status);
  std::span<const std::string> rest = call.subjects;
  do {
    const std::span<const std::string> part = rest.first(std::min(rest.size(), kMaxSubjectsPerLeaf));
    leaf.subjects.assign(part.begin(), part.end());
    GH_RETURN_IF_ERROR(Append(call, leaf));
    rest = rest.subspan(part.size());
  } while (!rest.empty());
  return absl::OkStatus();
}

absl::Status CallAudit::Refusal(const RunningCall& call) {
  return Append(call, LeafOf(call, audit::Kind::kRefusal, call.refusal));
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
  observe::LogError("audit log refuses", {{"call_id", leaf.call_id}, {"why", std::string(written.message())}});
  return absl::UnavailableError("the audit log refuses, so the answer is refused");
}

}  // namespace gatehouse::rpc
