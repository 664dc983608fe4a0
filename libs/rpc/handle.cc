#include "libs/rpc/handle.h"

#include <cxxabi.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/observe/log.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/metadata.h"
#include "libs/rpc/method_metrics.h"

namespace gatehouse::rpc {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What is kept back of the caller's time, so that the answer, a refusal too, arrives before the caller gives up.
constexpr double kDeadlineMargin = 0.05;
constexpr absl::Duration kMaxDeadlineMargin = absl::Milliseconds(50);

// gRPC's own way to forbid a retry that the service config allows (gRFC A6).
constexpr char kRetryPushbackKey[] = "grpc-retry-pushback-ms";

// Subjects in one audit leaf; a call about more writes several outcome leaves.
constexpr size_t kMaxSubjectsPerLeaf = 1000;
static_assert(kMaxSubjectsPerLeaf <= audit::kMaxSubjects);

// One call from its arrival to its answer.
class RunningCall final : public Call {
 public:
  RunningCall(grpc::CallbackServerContext& grpc_context, const Method& called, std::function<absl::Status(Call&)> run)
      : context(grpc_context), reactor(grpc_context.DefaultReactor()), method(called), body(std::move(run)) {}

  const authz::Principal& principal() const override { return caller; }
  absl::Time deadline() const override { return answer_by; }
  const std::string& id() const override { return call_id; }
  void AddSubject(std::string id) override { subjects.push_back(std::move(id)); }

  grpc::CallbackServerContext& context;
  grpc::ServerUnaryReactor* const reactor;
  const Method method;
  std::function<absl::Status(Call&)> body;
  const SteadyClock::time_point arrived = SteadyClock::now();
  absl::Time answer_by;
  std::string identity;  // of the connection, also when it is refused
  authz::Principal caller;
  std::string role;
  std::string call_id;
  std::vector<std::string> subjects;
  bool entered = false;  // through the door, and has to leave it
  absl::Status refusal;  // audited by the pool, because the audit log blocks
};

// The caller's own time left; `fallback` when it set no deadline. gRPC's deadlines are in the system's time, whatever
// clock the host was given.
absl::Duration TimeLeft(const grpc::CallbackServerContext& context, absl::Duration fallback) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return fallback;
  return absl::FromChrono(deadline - std::chrono::system_clock::now());
}

// Empty when absent.
absl::StatusOr<std::string> Forwarded(const grpc::CallbackServerContext& context, const char* key, size_t max_bytes) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return std::string();
  if (found->second.size() > max_bytes) {
    return InvalidField(key, absl::StrCat(found->second.size(), " bytes, at most ", max_bytes));
  }
  return std::string(found->second.data(), found->second.size());
}

std::string TypeName(const std::type_info& type) {
  int failed = 0;
  char* name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed);
  std::string result = failed == 0 ? name : type.name();
  std::free(name);
  return result;
}

// The exception barrier. Only the type is told: the text of a parser's exception may quote a traveller's data.
absl::Status RunBody(RunningCall& call) {
  try {
    return call.body(call);
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("the handler threw ", TypeName(typeid(exception))));
  } catch (...) {
    return absl::InternalError("the handler threw something that is no std::exception");
  }
}

class PooledHost final : public Host {
 public:
  explicit PooledHost(Deps deps)
      : deps_(std::move(deps)),
        callers_(deps_.matrix, deps_.local_token),
        metrics_(deps_.metrics, deps_.service),
        pool_(deps_.threads, deps_.queue_bound) {}

  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Method& method, size_t request_bytes,
                                std::function<absl::Status(Call&)> body) override {
    metrics_.Started();
    auto call = std::make_unique<RunningCall>(*context, method, std::move(body));
    grpc::ServerUnaryReactor* reactor = call->reactor;
    const absl::Status admitted = Admit(*call, request_bytes);
    if (!admitted.ok() && call->refusal.ok()) {
      Finish(std::move(call), admitted);
    } else if (RunningCall* running = call.get(); pool_.TrySubmit([this, running] { Serve(running); })) {
      (void)call.release();  // Serve has it
    } else {
      Finish(std::move(call), absl::ResourceExhaustedError("too many calls are waiting; try again"));
    }
    return reactor;
  }

 private:
  // Everything that cannot block, on gRPC's thread: a call that has no right to a pool thread never gets one.
  absl::Status Admit(RunningCall& call, size_t request_bytes) {
    const absl::Duration left = TimeLeft(call.context, call.method.default_timeout);
    call.answer_by = deps_.clock.Now() + left - std::min(left * kDeadlineMargin, kMaxDeadlineMargin);

    const std::shared_ptr<const Caller> caller = callers_.Find(call.context);
    call.identity = caller->identity;
    call.caller = caller->principal;
    call.caller.purpose = call.method.purpose;
    call.call_id = base::NewUuid(deps_.clock, deps_.random);
    if (!caller->status.ok()) return Refuse(call, caller->status);
    GH_RETURN_IF_ERROR(Enter(call));

    absl::StatusOr<std::string> role = deps_.matrix.Authorise(call.caller, call.method.name);
    if (!role.ok()) return Refuse(call, role.status());
    call.role = *std::move(role);

    GH_RETURN_IF_ERROR(SettleForwarded(call));
    if (request_bytes > call.method.max_request_bytes) {
      return WithReason(
          InvalidField("request", absl::StrCat(request_bytes, " bytes, at most ", call.method.max_request_bytes)),
          "REQUEST_TOO_LARGE");
    }
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("expired before it began");
    return absl::OkStatus();
  }

  // A refused identity is always audited; without one there is nobody to name.
  static absl::Status Refuse(RunningCall& call, const absl::Status& why) {
    if (!call.identity.empty()) call.refusal = why;
    return why;
  }

  absl::Status Enter(RunningCall& call) {
    if (deps_.admission == nullptr || call.caller.in_process) return absl::OkStatus();
    switch (deps_.admission->Enter()) {
      case Admission::Answer::kFull:
        return absl::ResourceExhaustedError("too many calls are in flight; try again");
      case Admission::Answer::kClosed:
        return absl::UnavailableError("this process is starting or draining");
      case Admission::Answer::kEnter:
        call.entered = true;
    }
    return absl::OkStatus();
  }

  static absl::Status SettleForwarded(RunningCall& call) {
    if (call.caller.person) call.caller.officer = call.caller.identity;
    if (!call.caller.may_act_for) return absl::OkStatus();
    GH_ASSIGN_OR_RETURN(std::string officer, Forwarded(call.context, kOfficerKey, kMaxOfficerBytes));
    GH_ASSIGN_OR_RETURN(std::string purpose, Forwarded(call.context, kPurposeKey, kMaxPurposeBytes));
    GH_ASSIGN_OR_RETURN(std::string call_id, Forwarded(call.context, kCallIdKey, kMaxCallIdBytes));
    if (!officer.empty()) call.caller.officer = std::move(officer);
    if (!purpose.empty()) call.caller.purpose = std::move(purpose);
    if (!call_id.empty()) call.call_id = std::move(call_id);
    return absl::OkStatus();
  }

  // On the pool.
  void Serve(RunningCall* running) {
    std::unique_ptr<RunningCall> call(running);
    const absl::Status status = call->refusal.ok() ? ServeAdmitted(*call) : AuditRefusal(*call);
    Finish(std::move(call), status);
  }

  absl::Status ServeAdmitted(RunningCall& call) {
    // It may have waited for a thread.
    if (deps_.clock.Now() >= call.answer_by) return absl::DeadlineExceededError("expired before it began");
    if (call.context.IsCancelled()) return absl::CancelledError("the caller went away");
    if (!call.method.personal) return RunBody(call);
    GH_RETURN_IF_ERROR(Append(call, LeafOf(call, audit::Kind::kIntent)));
    const absl::Status status = RunBody(call);
    const absl::Status audited = AppendOutcome(call, status);
    if (audited.ok()) return status;
    // It did run: the client's transparent retry of UNAVAILABLE would run it again.
    call.context.AddTrailingMetadata(kRetryPushbackKey, "-1");
    return audited;
  }

  absl::Status AuditRefusal(const RunningCall& call) {
    audit::Leaf leaf = LeafOf(call, audit::Kind::kRefusal);
    leaf.outcome = absl::StatusCodeToString(call.refusal.code());
    // A refusal that cannot be written stays a refusal; Append has logged why.
    (void)Append(call, leaf);
    return call.refusal;
  }

  absl::Status AppendOutcome(RunningCall& call, const absl::Status& status) {
    audit::Leaf leaf = LeafOf(call, audit::Kind::kOutcome);
    leaf.outcome = absl::StatusCodeToString(status.code());
    std::span<const std::string> rest = call.subjects;
    do {
      const std::span<const std::string> part = rest.first(std::min(rest.size(), kMaxSubjectsPerLeaf));
      leaf.subjects.assign(part.begin(), part.end());
      GH_RETURN_IF_ERROR(Append(call, leaf));
      rest = rest.subspan(part.size());
    } while (!rest.empty());
    return absl::OkStatus();
  }

  audit::Leaf LeafOf(const RunningCall& call, audit::Kind kind) {
    return audit::Leaf{.kind = kind,
                       .time = deps_.clock.Now(),
                       .call_id = call.call_id,
                       .identity = call.identity,
                       .officer = call.caller.officer,
                       .role = call.role,
                       .purpose = call.caller.purpose,
                       .verb = std::string(call.method.name)};
  }

  absl::Status Append(const RunningCall& call, const audit::Leaf& leaf) {
    const absl::Status written = call.caller.in_process ? deps_.audit.AppendWithin(leaf) : deps_.audit.Append(leaf);
    if (written.ok()) return written;
    observe::LogError("audit log refuses", {{"call_id", leaf.call_id}, {"why", std::string(written.message())}});
    return absl::UnavailableError("the audit log refuses, so the answer is refused");
  }

  // From any thread. The answer is the last thing: once it is given, the context may be gone, and the caller may read
  // the figures.
  void Finish(std::unique_ptr<RunningCall> call, const absl::Status& status) {
    const grpc::Status answer = ToGrpc(status, deps_.service, call->call_id);
    if (StaysInside(status.code())) LogInside(*call, status);
    metrics_.ForMethod(call->method.name).Count(status.code(), absl::FromChrono(SteadyClock::now() - call->arrived));
    metrics_.Finished();
    grpc::ServerUnaryReactor* reactor = call->reactor;
    const bool leaves = call->entered;
    call.reset();
    if (leaves) deps_.admission->Leave();
    reactor->Finish(answer);
  }

  void LogInside(const RunningCall& call, const absl::Status& status) {
    observe::LogError("call failed", {{"method", call.method.name},
                                      {"call_id", call.call_id},
                                      {"code", absl::StatusCodeToString(status.code())},
                                      {"why", std::string(status.message())}});
  }

  const Deps deps_;
  CallerFinder callers_;
  HostMetrics metrics_;
  base::WorkerPool pool_;  // last: it waits for calls, which use the others
};

}  // namespace

OnBehalf OnBehalfOf(const Call& call) {
  return OnBehalf{.officer = call.principal().officer,
                  .purpose = call.principal().purpose,
                  .call_id = call.id(),
                  .deadline = call.deadline()};
}

std::unique_ptr<Host> Host::Make(Deps deps) { return std::make_unique<PooledHost>(std::move(deps)); }

}  // namespace gatehouse::rpc
