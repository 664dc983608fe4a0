#include "tools/load/generator.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/uuid.h"

namespace gatehouse::load {
namespace {

namespace pb = gatehouse::inspection::v1;
using Documents = std::vector<gatehouse::document::v1::DocumentInput>;

// What one passage came to.
struct Outcome {
  absl::Time begun;      // due or sent: what latency counts from
  absl::Time inspected;  // when Inspect was answered
  absl::Time decided;
  bool cleared = false;
  pb::CrossingState crossing = pb::CROSSING_STATE_UNSPECIFIED;
  std::string error;  // empty: well
};

// Two calls one after the other, then `done`, on gRPC's threads. Owns itself until then.
class Passage {
 public:
  using Done = std::function<void(const Outcome&, const pb::DecideResponse&)>;

  Passage(pb::InspectionService::Stub& stub, pb::InspectRequest request, absl::Time begun, absl::Duration timeout,
          Done done)
      : stub_(stub), inspect_request_(std::move(request)), timeout_(timeout), done_(std::move(done)) {
    outcome_.begun = begun;
  }

  void Start() {
    SetDeadline(inspect_context_);
    stub_.async()->Inspect(&inspect_context_, &inspect_request_, &inspect_response_,
                           [this](grpc::Status status) { Inspected(status); });
  }

 private:
  void Inspected(const grpc::Status& status) {
    outcome_.inspected = absl::Now();
    if (!status.ok()) return Finish("Inspect", status);
    const pb::Inspection& inspection = inspect_response_.inspection();
    outcome_.cleared = inspection.recommendation().outcome() == pb::RECOMMENDED_OUTCOME_CLEAR;
    decide_request_.set_inspection_id(inspection.inspection_id());
    decide_request_.set_outcome(pb::OUTCOME_ADMIT);
    SetDeadline(decide_context_);
    stub_.async()->Decide(&decide_context_, &decide_request_, &decide_response_,
                          [this](grpc::Status decided) { Finish("Decide", decided); });
  }

  void Finish(std::string_view method, const grpc::Status& status) {
    outcome_.decided = absl::Now();
    outcome_.crossing = decide_response_.decision().crossing_state();
    if (!status.ok()) {
      outcome_.error = absl::StrCat(absl::string_view(method.data(), method.size()), " ",
                                    absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())));
    }
    const Done done = std::move(done_);
    const Outcome outcome = std::move(outcome_);
    const pb::DecideResponse response = std::move(decide_response_);
    // Before telling: the run may be over then, and nothing of it may be used any more.
    delete this;
    done(outcome, response);
  }

  void SetDeadline(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(timeout_));
  }

  pb::InspectionService::Stub& stub_;
  const pb::InspectRequest inspect_request_;
  const absl::Duration timeout_;
  Done done_;
  Outcome outcome_;
  grpc::ClientContext inspect_context_;
  pb::InspectResponse inspect_response_;
  grpc::ClientContext decide_context_;
  pb::DecideRequest decide_request_;
  pb::DecideResponse decide_response_;
};

class Generator {
 public:
  Generator(std::shared_ptr<grpc::Channel> channel, const Documents& documents, const Plan& plan)
      : stub_(pb::InspectionService::NewStub(std::move(channel))), documents_(documents), plan_(plan) {
    GH_CHECK(!documents_.empty());
    GH_CHECK(plan_.rate >= 0 && plan_.concurrency >= 1 && plan_.concurrency <= kMaxInFlight);
  }

  Result Run() {
    start_ = absl::Now();
    measured_from_ = start_ + plan_.warm_up;
    end_ = measured_from_ + plan_.duration;
    if (plan_.rate > 0) {
      RunAtRate();
    } else {
      RunSaturated();
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ == 0; });
    result_.measured = std::max(std::min(absl::Now(), end_) - measured_from_, absl::ZeroDuration());
    return std::move(result_);
  }

 private:
  void RunAtRate() {
    const absl::Duration step = absl::Seconds(1) / plan_.rate;
    for (int64_t i = 0;; ++i) {
      const absl::Time due = start_ + static_cast<double>(i) * step;
      if (due >= end_) return;
      absl::SleepFor(due - absl::Now());
      if (!Admit(kMaxInFlight)) return;
      Send(i, due);
    }
  }

  void RunSaturated() {
    for (int64_t i = 0; absl::Now() < end_ && Admit(plan_.concurrency); ++i) Send(i, absl::Now());
  }

  // Waits for a free place. False when the run is over.
  bool Admit(int places) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, places] { return in_flight_ < places; });
    if (sent_ == plan_.max_passages || errors_ >= plan_.max_errors) return false;
    ++sent_;
    ++in_flight_;
    return true;
  }

  void Send(int64_t number, absl::Time begun) {
    const auto count = static_cast<int64_t>(documents_.size());
    pb::InspectRequest request;
    request.set_request_id(base::NewUuid(base::SystemClock(), base::SystemRandom()));
    *request.mutable_document() = documents_[static_cast<size_t>(number % count)];
    request.set_direction(number / count % 2 == 0 ? gatehouse::traveller::v1::DIRECTION_ENTRY
                                                  : gatehouse::traveller::v1::DIRECTION_EXIT);
    auto* passage =
        new Passage(*stub_, std::move(request), begun, plan_.call_timeout,
                    [this](const Outcome& outcome, const pb::DecideResponse& response) { Ended(outcome, response); });
    passage->Start();
  }

  void Ended(const Outcome& outcome, const pb::DecideResponse& response) {
    std::lock_guard lock(mutex_);
    if (!outcome.error.empty()) ++errors_;
    if (outcome.error.empty() && plan_.acknowledged) plan_.acknowledged(response);
    Count(outcome);
    --in_flight_;
    changed_.notify_one();
  }

  void Count(const Outcome& outcome) {
    if (outcome.error.empty() && outcome.decided >= measured_from_ && outcome.decided < end_) ++result_.finished;
    if (outcome.begun < measured_from_) return;
    if (!outcome.error.empty()) {
      ++result_.errors[outcome.error];
      return;
    }
    result_.inspect.Add(outcome.inspected - outcome.begun);
    result_.decide.Add(outcome.decided - outcome.inspected);
    result_.passage.Add(outcome.decided - outcome.begun);
    ++(outcome.cleared ? result_.cleared : result_.referred);
    if (outcome.crossing == pb::CROSSING_STATE_STORED) ++result_.stored;
    if (outcome.crossing == pb::CROSSING_STATE_PENDING) ++result_.pending;
  }

  const std::unique_ptr<pb::InspectionService::Stub> stub_;
  const Documents& documents_;
  const Plan& plan_;
  absl::Time start_;
  absl::Time measured_from_;
  absl::Time end_;

  std::mutex mutex_;
  std::condition_variable changed_;
  int in_flight_ = 0;
  int64_t sent_ = 0;
  int64_t errors_ = 0;
  Result result_;
};

}  // namespace

Result Generate(std::shared_ptr<grpc::Channel> channel, const Documents& documents, const Plan& plan) {
  return Generator(std::move(channel), documents, plan).Run();
}

}  // namespace gatehouse::load
