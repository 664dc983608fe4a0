#include "services/inspection/traveller_client.h"

#include <utility>

#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/inspection/convert.h"
#include "services/inspection/on_behalf_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::traveller::v1;

// As many as an officer looks at.
constexpr int kHistorySize = 10;
// The one reason of the traveller service that is an answer: it knows nobody under these keys.
constexpr char kPersonNotFound[] = "PERSON_NOT_FOUND";

void Apply(const pb::Correction& correction, PastCrossing& crossing) {
  const std::string& value = correction.value();
  if (correction.field() == "direction") {
    crossing.direction = value == "exit" ? Direction::kExit : Direction::kEntry;
  } else if (correction.field() == "outcome") {
    crossing.admitted = value == "admitted";
  } else if (correction.field() == "post") {
    crossing.post = value;
  } else if (correction.field() == "crossing_time") {
    std::string ignored;
    absl::Time time;
    if (absl::ParseTime(absl::RFC3339_full, value, &time, &ignored)) crossing.time = time;
  }
}

PastCrossing PastCrossingOf(const pb::Crossing& crossing) {
  PastCrossing past{
      .direction = crossing.direction() == pb::DIRECTION_EXIT ? Direction::kExit : Direction::kEntry,
      .admitted = crossing.outcome() == pb::CROSSING_OUTCOME_ADMITTED,
      .post = crossing.post(),
      .time = rpc::ReadTime(crossing.crossing_time(), "crossing_time").value_or(absl::UnixEpoch()),
  };
  for (const pb::Correction& correction : crossing.corrections()) Apply(correction, past);
  return past;
}

History ReadHistory(const pb::GetTravellerResponse& response) {
  History history{.person = response.person().person_id(),
                  .crossing_count = response.person().crossing_count(),
                  .document_of_another = response.document_of_another()};
  gatehouse::inspection::v1::Inspection evidence;
  for (const pb::Crossing& crossing : response.history()) {
    history.crossings.push_back(PastCrossingOf(crossing));
    *evidence.add_history() = crossing;
  }
  history.evidence = base::Redacted(evidence.SerializeAsString());
  return history;
}

class TravellerClient : public TravellerDirectory {
 public:
  explicit TravellerClient(rpc::Peer& peer) : peer_(peer) {}

  absl::StatusOr<History> Find(const base::Identity& identity, const OnBehalf& on_behalf) override {
    pb::GetTravellerRequest request;
    request.set_history_size(kHistorySize);
    if (!identity.document.empty()) *request.mutable_document() = rpc::WriteDocumentKey(identity.document);
    *request.mutable_identity() = rpc::WriteIdentity(identity);
    const absl::StatusOr<pb::GetTravellerResponse> response =
        CallPeer<pb::TravellerService>(peer_, &pb::TravellerService::Stub::GetTraveller, request, on_behalf);
    return HistoryOf(response);
  }

 private:
  rpc::Peer& peer_;
};

constexpr char kRecordCrossing[] = "/gatehouse.traveller.v1.CrossingService/RecordCrossing";

class CrossingClient : public CrossingRecorder {
 public:
  explicit CrossingClient(rpc::Peer& peer) : peer_(peer) {}

  absl::StatusOr<std::string> Record(const CrossingRequest& request, const OnBehalf& on_behalf) override {
    OnBehalf named = on_behalf;
    if (named.officer.empty()) {
      pb::RecordCrossingRequest kept;
      if (kept.ParseFromString(request.Reveal())) named.officer = kept.officer();
    }
    GH_ASSIGN_OR_RETURN(const std::string answer, CallPeerRaw(peer_, kRecordCrossing, request.Reveal(), named));
    pb::RecordCrossingResponse response;
    if (!response.ParseFromString(answer)) return absl::InternalError("ANSWER_DAMAGED");
    return response.crossing_id();
  }

 private:
  rpc::Peer& peer_;
};

}  // namespace

absl::StatusOr<History> HistoryOf(const absl::StatusOr<pb::GetTravellerResponse>& answer) {
  if (answer.ok()) return ReadHistory(*answer);
  // Not the code alone: a record whose key is lost or whose row is damaged is not found either, and no clean history.
  if (absl::IsNotFound(answer.status()) && answer.status().message() == kPersonNotFound) return History{};
  return answer.status();
}

CrossingRequest WriteCrossingRequest(const CrossingIntent& intent) {
  pb::RecordCrossingRequest request;
  request.set_request_id(intent.inspection.value());
  request.set_inspection_id(intent.inspection.value());
  request.set_direction(WriteDirection(intent.direction));
  request.set_post(intent.post);
  request.set_conveyance(intent.conveyance);
  *request.mutable_crossing_time() = rpc::WriteTime(intent.time);
  request.set_outcome(intent.admitted ? pb::CROSSING_OUTCOME_ADMITTED : pb::CROSSING_OUTCOME_REFUSED);
  request.set_reason_code(intent.reason_code);
  *request.mutable_identity() = rpc::WriteIdentity(intent.identity.Reveal());
  request.set_officer(intent.officer);
  return CrossingRequest(request.SerializeAsString());
}

std::unique_ptr<TravellerDirectory> MakeTravellerClient(rpc::Peer& peer) {
  return std::make_unique<TravellerClient>(peer);
}

std::unique_ptr<CrossingRecorder> MakeCrossingClient(rpc::Peer& peer) { return std::make_unique<CrossingClient>(peer); }

}  // namespace gatehouse::inspection
