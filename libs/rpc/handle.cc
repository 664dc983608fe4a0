#include "libs/rpc/handle.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/observe/log.h"
#include "libs/rpc/call_audit.h"
#include "libs/rpc/call_reactor.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/heard.h"
#include "libs/rpc/lane_pool.h"
#include "libs/rpc/local_arrival.h"
#include "libs/rpc/metadata.h"
#include "libs/rpc/method_metrics.h"
#include "libs/rpc/request_bytes.h"
#include "libs/rpc/running_call.h"

namespace gatehouse::rpc {
namespace {

// What is kept back of the caller's time, so that the answer, a refusal too, arrives before the caller gives up.
constexpr double kDeadlineMargin = 0.05;
constexpr absl::Duration kMaxDeadlineMargin = absl::Milliseconds(50);

// The bytes of a larger request are not held beside its message: an import would be in memory twice.
constexpr size_t kMaxKeptBytes = 1024 * 1024;

// Most messages fit in a few blocks; the arena's own first ones are of 256 bytes.
google::protobuf::ArenaOptions ArenaOfACall() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 8 * 1024;
  options.max_block_size = 64 * 1024;
  return options;
}

// Empty when absent.
absl::StatusOr<std::string> Forwarded(const Arrival& arrival, const char* key, size_t max_bytes) {
  const std::string_view found = arrival.Metadata(key).value_or("");
  if (found.size() > max_bytes) {
    return InvalidField(key, absl::StrCat(found.size(), " bytes, at most ", max_bytes));
  }
  return std::string(found);
}

class LanedHost final : public Host {
 public:
  explicit LanedHost(Deps deps)
      : deps_(std::move(deps)),
        callers_(deps_.matrix, deps_.local_token),
        audit_(deps_.audit, deps_.clock),
        metrics_(deps_.metrics, deps_.service),
        lanes_{{LanePool(deps_.lanes.line), LanePool(deps_.lanes.bulk), LanePool(deps_.lanes.admin)}} {}

  LocalMethods* local_methods() override { return deps_.local_methods; }

  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Method& method, Handled handled) override {
    const std::shared_ptr<LocalArrival> local = LocalArrival::Take();
    const Arrived arrived = Arrive(context, local);
    if (local != nullptr && local->call().request != nullptr) return LaunchMessages(arrived, *local, method, handled);
    const grpc::ByteBuffer* bytes = handled.request;
    auto call = std::make_unique<RunningCall>(arrived.arrival, method, [handled = std::move(handled)](Call& running) {
      return RunOnMessages(handled, static_cast<RunningCall&>(running));
    });
    call->bytes = bytes;
    return Launch(arrived, std::move(call), bytes->Length());
  }

 private:
  struct Arrived {
    std::shared_ptr<Arrival> arrival;
    grpc::ServerUnaryReactor* reactor;  // null of a local call
  };

  Arrived Arrive(grpc::CallbackServerContext* context, std::shared_ptr<LocalArrival> local) {
    if (local != nullptr) return {std::move(local), nullptr};
    const std::shared_ptr<CallReactor> reactor = CallReactor::Make();
    return {MakeGrpcArrival(*context, reactor, deps_.heard), reactor.get()};
  }

  // The messages of a local call, handed on as they are.
  grpc::ServerUnaryReactor* LaunchMessages(const Arrived& arrived, const LocalArrival& local, const Method& method,
                                           const Handled& handled) {
    const LocalCall& given = local.call();
    local_internal::CheckTypes(given, handled.request_type, handled.response_type);
    auto call = std::make_unique<RunningCall>(arrived.arrival, method, [body = handled.body, &given](Call& running) {
      return body(running, *given.request, *given.response);
    });
    call->message = given.request;
    return Launch(arrived, std::move(call), given.request->ByteSizeLong());
  }

  grpc::ServerUnaryReactor* Launch(const Arrived& arrived, std::unique_ptr<RunningCall> call, size_t request_bytes) {
    metrics_.Started();
    const absl::Status admitted = Admit(*call, request_bytes);
    if (!admitted.ok() && call->refusal.ok()) {
      Finish(std::move(call), admitted);
    } else if (call->arrival->IsOnCallersThread()) {
      Serve(call.release());
    } else if (LaneOf(*call).Push(call->identity, [this, running = call.get()] { Serve(running); })) {
      (void)call.release();  // Serve has it
    } else {
      const absl::Status full = absl::ResourceExhaustedError(absl::StrCat(
          "too many calls of the ", std::string(ToWord(call->method.lane)), " lane are waiting; try again"));
      Finish(std::move(call), full);
    }
    // gRPC has its own reference until the call is done.
    return arrived.reactor;
  }

  // Parsing is the body's own time, on the pool and after everything that can refuse the call.
  static absl::Status RunOnMessages(const Handled& handled, RunningCall& call) {
    google::protobuf::Arena arena(ArenaOfACall());
    google::protobuf::Message& request = *handled.request_type.New(&arena);
    GH_RETURN_IF_ERROR(ParseRequest(*handled.request, request));
    if (handled.request->Length() > kMaxKeptBytes) call.ForgetBytes();
    google::protobuf::Message& response = *handled.response_type.New(&arena);
    GH_RETURN_IF_ERROR(handled.body(call, request, response));
    return WriteResponse(response, *handled.response);
  }

  // Everything that cannot block, on gRPC's thread: a call that has no right to a pool thread never gets one.
  absl::Status Admit(RunningCall& call, size_t request_bytes) {
    const absl::Duration left = call.TimeLeft();
    call.answer_by = deps_.clock.Now() + left - std::min(left * kDeadlineMargin, kMaxDeadlineMargin);

    Caller caller = callers_.Find(*call.arrival);
    call.identity = std::move(caller.identity);
    call.caller = std::move(caller.principal);
    call.caller.purpose = call.method.purpose;
    call.call_id = base::NewUuid(deps_.clock, deps_.random);
    if (!caller.status.ok()) return Refuse(call, caller.status);
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
    switch (deps_.admission->Enter(call.identity, call.caller.person)) {
      case Admission::Answer::kFull:
        return absl::ResourceExhaustedError("too many calls are in flight; try again");
      case Admission::Answer::kFullForIdentity:
        return WithReason(
            absl::ResourceExhaustedError("this identity has as many calls in flight as it may; try again"),
            "SHARE_OF_IDENTITY_IN_USE");
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
    GH_ASSIGN_OR_RETURN(std::string officer, Forwarded(*call.arrival, kOfficerKey, kMaxOfficerBytes));
    GH_ASSIGN_OR_RETURN(std::string purpose, Forwarded(*call.arrival, kPurposeKey, kMaxPurposeBytes));
    GH_ASSIGN_OR_RETURN(std::string call_id, Forwarded(*call.arrival, kCallIdKey, kMaxCallIdBytes));
    if (!officer.empty()) call.caller.officer = std::move(officer);
    if (!purpose.empty()) call.caller.purpose = std::move(purpose);
    if (!call_id.empty()) call.call_id = std::move(call_id);
    return absl::OkStatus();
  }

  LanePool& LaneOf(const RunningCall& call) { return lanes_[static_cast<size_t>(call.method.lane)]; }

  // On its lane, or on the thread of a local caller.
  void Serve(RunningCall* running) {
    std::unique_ptr<RunningCall> call(running);
    const absl::Status status = call->refusal.ok() ? ServeAdmitted(*call) : ServeRefused(*call);
    Finish(std::move(call), status);
  }

  absl::Status ServeAdmitted(RunningCall& call) {
    // It may have waited for a thread.
    const absl::Duration left = call.answer_by - deps_.clock.Now();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("expired before it began");
    if (call.IsCancelled()) return absl::CancelledError("the caller went away");
    absl::Status status;
    {
      const base::WorkTimeScope scope(call.WorkTimeIn(left));
      if (call.method.audit.audited()) GH_RETURN_IF_ERROR(audit_.Intent(call));
      status = call.RunBody();
    }
    // Out of its time, but not without end: what was done is told also when nobody waits for it any more.
    if (!call.method.audit.audited()) return status;
    const absl::Status audited = audit_.Outcome(call, status);
    return audited.ok() ? status : audited;
  }

  // A refusal that cannot be written stays a refusal.
  absl::Status ServeRefused(const RunningCall& call) {
    (void)audit_.Refusal(call);
    return call.refusal;
  }

  // From any thread. The answer is the last thing: once it is given, the context may be gone, and the caller may read
  // the figures.
  void Finish(std::unique_ptr<RunningCall> call, const absl::Status& status) {
    const grpc::Status answer = ToGrpc(status, deps_.service, call->call_id);
    if (StaysInside(status.code())) LogInside(*call, status);
    metrics_.ForMethod(call->method.name).Count(status.code(), call->TookSoFar());
    metrics_.Finished();
    // The client's own retry of UNAVAILABLE would run the body again.
    if (call->ran && absl::IsUnavailable(status)) call->arrival->ForbidRetry();
    const std::shared_ptr<Arrival> arrival = call->arrival;
    // In flight until the answer is gone: whoever does not read his answers has no more than his share of them.
    std::function<void()> gone = [] {};
    if (call->entered) gone = [door = deps_.admission, identity = call->identity] { door->Leave(identity); };
    call.reset();
    arrival->Finish(answer, std::move(gone));
  }

  void LogInside(const RunningCall& call, const absl::Status& status) {
    observe::LogError("call failed", {{"method", call.method.name},
                                      {"call_id", call.call_id},
                                      {"code", absl::StatusCodeToString(status.code())},
                                      {"why", std::string(status.message())}});
  }

  const Deps deps_;
  CallerFinder callers_;
  CallAudit audit_;
  HostMetrics metrics_;
  std::array<LanePool, kLanes> lanes_;  // last: they wait for calls, which use the others
};

}  // namespace

OnBehalf OnBehalfOf(const Call& call) {
  return OnBehalf{.officer = call.principal().officer,
                  .purpose = call.principal().purpose,
                  .call_id = call.id(),
                  .deadline = call.deadline()};
}

std::unique_ptr<Host> Host::Make(Deps deps) { return std::make_unique<LanedHost>(std::move(deps)); }

}  // namespace gatehouse::rpc
