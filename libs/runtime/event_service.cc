#include "libs/runtime/event_service.h"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/events/pruner.h"
#include "libs/rpc/error_facts.h"
#include "libs/rpc/errors.h"

namespace gatehouse::runtime {
namespace {

using ::google::protobuf::util::TimeUtil;

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
// Of an OUT_OF_RANGE: with the facts `service` and `position`, from which to go on.
constexpr char kEventsPruned[] = "EVENTS_PRUNED";

void ToProto(const events::StoredEvent& stored, event::v1::Event& written) {
  const events::Event& event = stored.event;
  written.set_id(event.id);
  written.set_type(event.type);
  written.set_source(event.source);
  written.set_subject(event.subject);
  *written.mutable_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(event.time));
  written.set_data_schema(event.data_schema);
  written.set_data(event.data);
  written.set_topic(event.topic);
  written.set_aggregate_version(event.aggregate_version);
  written.set_position(stored.position);
}

class EventService final
    : public event::v1::EventService::WithRawCallbackMethod_ListEvents<event::v1::EventService::CallbackService> {
 public:
  EventService(rpc::Host& host, Outboxes outboxes) : host_(host), outboxes_(std::move(outboxes)) {}

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                       grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.event.v1.EventService/ListEvents",
                                         .audit = rpc::Audited{},
                                         .purpose = "operation",
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<event::v1::ListEventsRequest, event::v1::ListEventsResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const event::v1::ListEventsRequest& request,
               event::v1::ListEventsResponse& response) -> absl::Status {
          GH_RETURN_IF_ERROR(List(request, *&response));
          std::set<std::string> subjects;
          for (const auto& entry : response.entries()) subjects.insert(entry.event().subject());
          for (const std::string& subject : subjects) call.AddSubject(subject);
          return absl::OkStatus();
        });
  }

 private:
  absl::Status List(const event::v1::ListEventsRequest& request, event::v1::ListEventsResponse& response) {
    if (request.after_position() < 0) return rpc::InvalidField("after_position", "must not be negative");
    if (request.page_size() < 0 || request.page_size() > kMaxPage) {
      return rpc::InvalidField("page_size", absl::StrCat("must be 0 to ", kMaxPage));
    }
    if (request.after_position() > 0 && request.service().empty()) {
      return rpc::InvalidField("after_position", "is of one outbox: name its service");
    }
    if (!request.service().empty() && !outboxes_.contains(request.service())) {
      return rpc::InvalidField("service", "is not in this process");
    }
    const int page = request.page_size() == 0 ? kDefaultPage : request.page_size();
    for (const auto& [service, outbox] : outboxes_) {
      if (!request.service().empty() && request.service() != service) continue;
      GH_RETURN_IF_ERROR(Add(service, *outbox, request.after_position(), page, response));
    }
    return absl::OkStatus();
  }

  static absl::Status Add(const std::string& service, events::Outbox& outbox, int64_t after, int page,
                          event::v1::ListEventsResponse& response) {
    GH_ASSIGN_OR_RETURN(const int64_t published, outbox.PublishedPosition());
    const absl::StatusOr<std::vector<events::StoredEvent>> events = outbox.Read(after, page);
    if (const std::optional<int64_t> pruned = events::PrunedUpTo(events.status()); pruned.has_value()) {
      return rpc::WithFact(rpc::WithFact(rpc::WithReason(events.status(), kEventsPruned), "service", service),
                           "position", absl::StrCat(*pruned));
    }
    GH_RETURN_IF_ERROR(events.status());
    for (const events::StoredEvent& stored : *events) {
      auto& entry = *response.add_entries();
      entry.set_service(service);
      entry.set_published(stored.position <= published);
      if (stored.damage.ok()) {
        ToProto(stored, *entry.mutable_event());
      } else {
        entry.mutable_event()->set_position(stored.position);
        entry.set_damage(std::string(stored.damage.message()));
      }
    }
    return absl::OkStatus();
  }

  rpc::Host& host_;
  const Outboxes outboxes_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEventService(rpc::Host& host, Outboxes outboxes) {
  return std::make_unique<EventService>(host, std::move(outboxes));
}

}  // namespace gatehouse::runtime
