#include "libs/rpc/gatekeeper.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/deadline.h"
#include "libs/base/periodic.h"
#include "libs/base/uuid.h"
#include "libs/base/worker_pool.h"
#include "libs/observe/log.h"
#include "libs/rpc/call_audit.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/refusal_tally.h"

namespace gatehouse::rpc {
namespace {

constexpr size_t kMaxVerbBytes = 256;
// How soon the refusals that were only counted are written, once their minute is over.
constexpr absl::Duration kCountsPause = absl::Seconds(5);

// What a caller sends for a path may be anything, also somebody's name, or another one with each call.
std::string VerbOf(const authz::Matrix& matrix, std::string_view path) {
  const bool plain = path.size() <= kMaxVerbBytes && std::all_of(path.begin(), path.end(), [](unsigned char c) {
                       return c < 0x80 && (std::isalnum(c) != 0 || c == '/' || c == '.' || c == '_');
                     });
  return plain && matrix.Knows(path) ? std::string(path) : "(no method)";
}

class MatrixGatekeeper final : public Gatekeeper {
 public:
  explicit MatrixGatekeeper(Deps deps)
      : deps_(deps),
        callers_(deps.matrix, /*local_token=*/""),
        refused_(deps.metrics.GetCounter("gatehouse_runtime_refused_calls_total",
                                         "Calls refused by certificate and matrix, before they were read", {})),
        unwritten_(deps.metrics.GetCounter("gatehouse_runtime_refusals_unwritten_total",
                                           "Refused calls that left no leaf in the audit log", {})),
        counts_(kCountsPause, kAuditPatience, [this] { WriteAll(tally_.Due(deps_.clock.Now())); }),
        writer_(/*threads=*/1, deps.queue_bound) {
    counts_.Start();
  }

  ~MatrixGatekeeper() override {
    counts_.Stop();
    const base::WorkTimeScope scope(base::WorkTime::In(kAuditPatience));
    WriteAll(tally_.Due(absl::InfiniteFuture()));
  }

  void Judge(const Headers& headers, std::function<void(const absl::Status&)> answer) override {
    authz::Holder holder;
    if (headers.certificate.empty()) {
      holder.status = absl::UnauthenticatedError("no client certificate");
    } else {
      holder = callers_.FindHolder(headers.certificate, headers.claims_to_be_local);
    }
    if (holder.status.ok()) holder.status = deps_.matrix.Authorise(*holder.principal, headers.path).status();
    if (holder.status.ok()) return answer(holder.status);
    Refuse(std::move(holder), VerbOf(deps_.matrix, headers.path), std::move(answer));
  }

 private:
  void Refuse(authz::Holder holder, std::string verb, std::function<void(const absl::Status&)> answer) {
    refused_.Increment();
    audit::Leaf leaf{.kind = audit::Kind::kRefusal,
                     .time = deps_.clock.Now(),
                     .call_id = base::NewUuid(deps_.clock, deps_.random),
                     .identity = std::move(holder.identity),
                     .verb = std::move(verb),
                     .outcome = absl::StatusCodeToString(holder.status.code())};
    if (holder.principal != nullptr) leaf.officer = holder.principal->officer;
    const absl::Status refusal = holder.status;
    if (leaf.identity.empty()) return answer(refusal);  // there is nobody to name
    std::vector<audit::Leaf> leaves = tally_.Add(std::move(leaf));
    if (leaves.empty()) return answer(refusal);  // counted, and written with its minute
    const bool accepted = writer_.TrySubmit([this, leaves, refusal, answer] {
      const base::WorkTimeScope scope(base::WorkTime::In(kAuditPatience));
      WriteAll(leaves);
      answer(refusal);
    });
    if (accepted) return;
    for (const audit::Leaf& unwritten : leaves) Missed(unwritten);
    answer(refusal);
  }

  // A refusal that cannot be written stays a refusal.
  void WriteAll(const std::vector<audit::Leaf>& leaves) {
    for (const audit::Leaf& leaf : leaves) {
      const absl::Status written = deps_.audit.Append(leaf);
      if (written.ok()) continue;
      observe::LogError("audit log refuses", {{"call_id", leaf.call_id}, {"why", std::string(written.message())}});
      Missed(leaf);
    }
  }

  void Missed(const audit::Leaf& leaf) {
    if (leaf.count == 1) unwritten_.Increment();
    tally_.PutBack(leaf);
  }

  const Deps deps_;
  CallerFinder callers_;
  observe::Counter& refused_;
  observe::Counter& unwritten_;
  RefusalTally tally_;
  base::Periodic counts_;
  base::WorkerPool writer_;  // last: it uses the others
};

}  // namespace

std::unique_ptr<Gatekeeper> Gatekeeper::Make(Deps deps) { return std::make_unique<MatrixGatekeeper>(deps); }

}  // namespace gatehouse::rpc
