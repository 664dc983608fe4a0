#include "services/inspection/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/errors.h"
#include "services/inspection/convert.h"

namespace gatehouse::inspection {
namespace {

namespace v1 = gatehouse::inspection::v1;

// Chip files with a large portrait; what is larger than the reader's limits is a failed check, not a refusal.
constexpr size_t kMaxInspectBytes = 8 * 1024 * 1024;

OnBehalf AskingFor(const rpc::Call& call) {
  return {.officer = call.principal().officer,
          .purpose = call.principal().purpose,
          .call_id = call.id(),
          .deadline = call.deadline()};
}

Decider DeciderOf(const rpc::Call& call) {
  return {.officer = call.principal().officer, .identity = call.principal().identity};
}

// The inspection with the earlier crossings that it saw: as the register answered a moment ago, else as it has them
// now.
void Show(const Inspection& inspection, HistoryResolver& resolver, rpc::Call& call, v1::Inspection* written) {
  ToProto(inspection, written);
  if (written->history_size() == 0 && written->history_references_size() > 0) {
    resolver.Resolve(AskingFor(call), *written);
  }
  call.AddSubject(written->inspection_id());
  // The persons whose earlier crossings it shows.
  for (const v1::HistoryReference& reference : written->history_references()) call.AddSubject(reference.person_id());
  written->clear_history_references();
}

// Whose file it is that somebody reads: found by document and by name, as the inspection itself is.
void AddWhoWasInspected(const base::Identity& identity, rpc::Call& call) {
  if (!identity.document.empty()) call.AddDocument(identity.document);
  const base::PersonName& name = identity.name;
  for (const std::string& text : {name.full, absl::StrCat(name.primary, " ", name.secondary), name.mrz_name}) {
    if (text.size() > 1) call.AddName({.name = text, .birth_date = identity.birth_date});
  }
}

// What the checks of this process come to, by check and status, and what was recommended. Every combination is looked
// up once, so that a dashboard sees the zeros too.
class Counters {
 public:
  explicit Counters(observe::Metrics& metrics)
      : clear_(Recommended(metrics, "clear")), refer_(Recommended(metrics, "refer")) {
    for (const std::string_view check : kAllChecks) {
      for (int status = v1::CHECK_STATUS_SUCCESSFUL; status <= v1::CheckStatus_MAX; ++status) {
        checks_[{std::string(check), status}] = &metrics.GetCounter(
            "gatehouse_inspection_checks_total", "Checks of inspections by result",
            {{"check", std::string(check)}, {"status", v1::CheckStatus_Name(static_cast<v1::CheckStatus>(status))}});
      }
    }
  }

  void Count(const v1::Inspection& inspection) const {
    for (const v1::Check& check : inspection.checks()) {
      // A repeated request may bring back a check that this version does not make any more.
      const auto counter = checks_.find({check.id(), check.status()});
      if (counter != checks_.end()) counter->second->Increment();
    }
    const bool clear = inspection.recommendation().outcome() == v1::RECOMMENDED_OUTCOME_CLEAR;
    (clear ? clear_ : refer_).Increment();
  }

 private:
  static observe::Counter& Recommended(observe::Metrics& metrics, const char* outcome) {
    return metrics.GetCounter("gatehouse_inspection_recommendations_total", "Inspections by recommendation",
                              {{"outcome", outcome}});
  }

  observe::Counter& clear_;
  observe::Counter& refer_;
  std::map<std::pair<std::string, int>, observe::Counter*> checks_;
};

class InspectionService final
    : public v1::InspectionService::WithRawCallbackMethod_Inspect<
          v1::InspectionService::WithRawCallbackMethod_Decide<v1::InspectionService::CallbackService>> {
 public:
  InspectionService(rpc::Host& host, observe::Metrics& metrics, Inspector& inspector, Desk& desk,
                    HistoryResolver& resolver, std::string default_post)
      : host_(host),
        counters_(metrics),
        inspector_(inspector),
        desk_(desk),
        resolver_(resolver),
        default_post_(std::move(default_post)) {}

  grpc::ServerUnaryReactor* Inspect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                    grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.InspectionService/Inspect",
                                         .audit = rpc::Audited{},
                                         .max_request_bytes = kMaxInspectBytes};
    return rpc::Handle<v1::InspectRequest, v1::InspectResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::InspectRequest& request, v1::InspectResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(InspectInput input, FromProto(request, default_post_));
          input.request.content = base::Redacted<std::string>(call.request_digest());
          input.officer = DeciderOf(call).name();
          const absl::StatusOr<Inspection> inspection = inspector_.Inspect(std::move(input), AskingFor(call));
          if (!inspection.ok()) return WithReason(inspection.status());
          Show(*inspection, resolver_, call, response.mutable_inspection());
          counters_.Count(response.inspection());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* Decide(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                   grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.InspectionService/Decide",
                                         .audit = rpc::Audited{},
                                         .max_request_bytes = 64 * 1024};
    return rpc::Handle<v1::DecideRequest, v1::DecideResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::DecideRequest& request, v1::DecideResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(DecideInput input, FromProto(request));
          input.key.content = base::Redacted<std::string>(call.request_digest());
          call.AddSubject(input.inspection.value());
          const absl::StatusOr<DeskAnswer> answer =
              desk_.Decide(input.inspection, input.key, input.request, DeciderOf(call), AskingFor(call));
          if (!answer.ok()) return WithReason(answer.status());
          GH_RETURN_IF_ERROR(StatusOf(answer->ruling));
          ToProto(*answer, &response);
          if (!response.decision().crossing_id().empty()) call.AddSubject(response.decision().crossing_id());
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  const Counters counters_;
  Inspector& inspector_;
  Desk& desk_;
  HistoryResolver& resolver_;
  const std::string default_post_;
};

class InspectionQueryService final : public v1::InspectionQueryService::WithRawCallbackMethod_ListInspections<
                                         v1::InspectionQueryService::WithRawCallbackMethod_GetInspection<
                                             v1::InspectionQueryService::CallbackService>> {
 public:
  InspectionQueryService(rpc::Host& host, InspectionStore& store, HistoryResolver& resolver)
      : host_(host), store_(store), resolver_(resolver) {}

  grpc::ServerUnaryReactor* GetInspection(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                          grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.InspectionQueryService/GetInspection",
                                         .audit = rpc::Audited{}};
    return rpc::Handle<v1::GetInspectionRequest, v1::GetInspectionResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::GetInspectionRequest& request,
               v1::GetInspectionResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const InspectionId id, FromProto(request));
          call.AddSubject(id.value());
          const absl::StatusOr<Inspection> inspection = store_.Get(id);
          if (!inspection.ok()) return WithReason(inspection.status());
          AddWhoWasInspected(inspection->identity.Reveal(), call);
          Show(*inspection, resolver_, call, response.mutable_inspection());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListInspections(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.InspectionQueryService/ListInspections",
                                         .audit = rpc::Audited{}};
    return rpc::Handle<v1::ListInspectionsRequest, v1::ListInspectionsResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ListInspectionsRequest& request,
               v1::ListInspectionsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const ListInput input, FromProto(request));
          // One more than asked tells whether there is a next page.
          GH_ASSIGN_OR_RETURN(std::vector<Inspection> found, store_.List(input.state, input.behind, input.size + 1));
          const bool more = found.size() > static_cast<size_t>(input.size);
          if (more) found.resize(input.size);
          for (const Inspection& inspection : found) {
            if (base::IsUuid(inspection.id.value())) call.AddSubject(inspection.id.value());
            ToProto(inspection, response.add_inspections());
          }
          if (more) response.set_next_page_token(rpc::WritePageToken({found.back().time, found.back().id.value()}));
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  InspectionStore& store_;
  HistoryResolver& resolver_;
};

class CrossingIntentService final : public v1::CrossingIntentService::WithRawCallbackMethod_RetryCrossing<
                                        v1::CrossingIntentService::WithRawCallbackMethod_ListRefusedCrossings<
                                            v1::CrossingIntentService::CallbackService>> {
 public:
  CrossingIntentService(rpc::Host& host, CrossingIntents& intents, base::Clock& clock)
      : host_(host), intents_(intents), clock_(clock) {}

  grpc::ServerUnaryReactor* ListRefusedCrossings(grpc::CallbackServerContext* context,
                                                 const grpc::ByteBuffer* request_bytes,
                                                 grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.CrossingIntentService/ListRefusedCrossings",
                                         .audit = rpc::Audited{},
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::ListRefusedCrossingsRequest, v1::ListRefusedCrossingsResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ListRefusedCrossingsRequest& request,
               v1::ListRefusedCrossingsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const int size, FromProto(request));
          GH_ASSIGN_OR_RETURN(const std::vector<RefusedCrossing> refused, intents_.ListRefused(size));
          for (const RefusedCrossing& crossing : refused) call.AddSubject(crossing.inspection.value());
          ToProto(refused, &response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* RetryCrossing(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                          grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.inspection.v1.CrossingIntentService/RetryCrossing",
                                         .audit = rpc::Audited{},
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::RetryCrossingRequest, v1::RetryCrossingResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::RetryCrossingRequest& request, v1::RetryCrossingResponse&) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const InspectionId id, FromProto(request));
          call.AddSubject(id.value());
          const absl::Status retried = intents_.Retry(id, clock_.Now());
          if (absl::IsNotFound(retried)) return rpc::WithReason(retried, "NOT_REFUSED");
          return retried;
        });
  }

 private:
  rpc::Host& host_;
  CrossingIntents& intents_;
  base::Clock& clock_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCrossingIntentService(rpc::Host& host, CrossingIntents& intents,
                                                         base::Clock& clock) {
  return std::make_unique<CrossingIntentService>(host, intents, clock);
}

std::unique_ptr<grpc::Service> MakeInspectionService(rpc::Host& host, observe::Metrics& metrics, Inspector& inspector,
                                                     Desk& desk, HistoryResolver& resolver, std::string default_post) {
  return std::make_unique<InspectionService>(host, metrics, inspector, desk, resolver, std::move(default_post));
}

std::unique_ptr<grpc::Service> MakeInspectionQueryService(rpc::Host& host, InspectionStore& store,
                                                          HistoryResolver& resolver) {
  return std::make_unique<InspectionQueryService>(host, store, resolver);
}

}  // namespace gatehouse::inspection
