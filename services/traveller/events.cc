#include "services/traveller/events.h"

#include "gatehouse/traveller/v1/traveller_events.pb.h"
#include "libs/rpc/values.h"
#include "services/traveller/convert.h"
#include "services/traveller/correction.h"

namespace gatehouse::traveller {
namespace {

constexpr char kSource[] = "//gatehouse/traveller";

}  // namespace

events::Event CrossingRecordedEvent(std::string event_id, const Crossing& crossing, std::string sealed_identity) {
  gatehouse::traveller::v1::CrossingRecorded payload;
  payload.set_crossing_id(crossing.id.value());
  payload.set_inspection_id(crossing.passage.inspection_id);
  payload.set_person_id(crossing.person.value());
  payload.set_direction(WriteDirection(crossing.passage.direction));
  payload.set_post(crossing.passage.post);
  payload.set_conveyance(crossing.passage.conveyance);
  *payload.mutable_crossing_time() = rpc::WriteTime(crossing.passage.time);
  payload.set_outcome(WriteOutcome(crossing.passage.outcome));
  payload.set_sealed_identity(std::move(sealed_identity));
  return {.id = std::move(event_id),
          .type = "gatehouse.traveller.crossing_recorded.v1",
          .source = kSource,
          .subject = crossing.id.value(),
          .time = crossing.record_time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = kCrossingTopic,
          .data = payload.SerializeAsString(),
          .aggregate_version = 1};
}

events::Event CrossingCorrectedEvent(std::string event_id, const CrossingId& crossing, const Correction& correction,
                                     int64_t version) {
  gatehouse::traveller::v1::CrossingCorrected payload;
  payload.set_crossing_id(crossing.value());
  payload.set_correction_id(correction.id.value());
  payload.set_field(std::string(CorrectedFieldWord(correction.field)));
  return {.id = std::move(event_id),
          .type = "gatehouse.traveller.crossing_corrected.v1",
          .source = kSource,
          .subject = crossing.value(),
          .time = correction.time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = kCrossingTopic,
          .data = payload.SerializeAsString(),
          .aggregate_version = version};
}

events::Event PersonErasedEvent(std::string event_id, const Erasure& erasure) {
  gatehouse::traveller::v1::PersonErased payload;
  payload.set_person_id(erasure.person.value());
  payload.set_erasure_id(erasure.id.value());
  *payload.mutable_erase_time() = rpc::WriteTime(erasure.time);
  return {.id = std::move(event_id),
          .type = "gatehouse.traveller.person_erased.v1",
          .source = kSource,
          .subject = erasure.person.value(),
          .time = erasure.time,
          .data_schema = payload.GetDescriptor()->full_name(),
          .topic = kPersonTopic,
          .data = payload.SerializeAsString(),
          .aggregate_version = 1};
}

}  // namespace gatehouse::traveller
