#include "services/inspection/events.h"

#include <utility>

#include "gatehouse/inspection/v1/inspection_events.pb.h"
#include "libs/rpc/values.h"
#include "services/inspection/convert.h"

namespace gatehouse::inspection {
namespace {

namespace v1 = gatehouse::inspection::v1;

template <typename Payload>
events::Event Make(std::string event_id, std::string type, const InspectionId& inspection, absl::Time time,
                   const Payload& payload, int64_t version) {
  return {.id = std::move(event_id),
          .type = std::move(type),
          .source = "//gatehouse/inspection",
          .subject = inspection.value(),
          .time = time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = "gatehouse.inspection.inspection.v1",
          .data = payload.SerializeAsString(),
          .aggregate_version = version};
}

}  // namespace

events::Event InspectionCompletedEvent(std::string event_id, const Inspection& inspection) {
  v1::InspectionCompleted payload;
  payload.set_inspection_id(inspection.id.value());
  payload.set_direction(WriteDirection(inspection.direction));
  payload.set_post(inspection.post);
  payload.set_recommendation(inspection.recommendation.clear ? v1::RECOMMENDED_OUTCOME_CLEAR
                                                             : v1::RECOMMENDED_OUTCOME_REFER);
  payload.set_policy_version(inspection.recommendation.policy_version);
  for (const Check& check : inspection.checks) {
    v1::InspectionCompleted::CheckResult* result = payload.add_checks();
    result->set_id(check.id);
    result->set_status(WriteCheckStatus(check.status));
  }
  return Make(std::move(event_id), "gatehouse.inspection.completed.v1", inspection.id, inspection.time, payload, 1);
}

events::Event InspectionDecidedEvent(std::string event_id, const InspectionId& inspection, const Decision& decision,
                                     int64_t version) {
  v1::InspectionDecided payload;
  payload.set_inspection_id(inspection.value());
  payload.set_outcome(WriteOutcome(decision.outcome));
  payload.set_reason_code(decision.reason_code);
  return Make(std::move(event_id), "gatehouse.inspection.decided.v1", inspection, decision.time, payload, version);
}

}  // namespace gatehouse::inspection
