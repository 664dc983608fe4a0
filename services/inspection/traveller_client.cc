#include "services/inspection/traveller_client.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/inspection/convert.h"
#include "services/inspection/on_behalf_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::traveller::v1;
namespace v1 = gatehouse::inspection::v1;

// As many as an officer looks at.
constexpr int kHistorySize = 10;
// The one reason of the traveller service that is an answer: it knows nobody under these keys.
constexpr rpc::PeerMethod<pb::TravellerService, pb::GetTravellerRequest, pb::GetTravellerResponse> kGetTraveller{
    "/gatehouse.traveller.v1.TravellerService/GetTraveller", &pb::TravellerService::Stub::GetTraveller};
constexpr rpc::PeerMethod<pb::TravellerService, pb::ListCrossingsRequest, pb::ListCrossingsResponse> kListCrossings{
    "/gatehouse.traveller.v1.TravellerService/ListCrossings", &pb::TravellerService::Stub::ListCrossings};

constexpr char kPersonNotFound[] = "PERSON_NOT_FOUND";
// It knows nobody by the document and has not looked by the identity: a part of an answer.
constexpr char kIdentityNotSearched[] = "IDENTITY_NOT_SEARCHED";

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

// 16 bytes: as 32 digits and four hyphens they would be twenty more, ten times an inspection.
std::string ShortId(const std::string& crossing_id) {
  return absl::HexStringToBytes(absl::StrReplaceAll(crossing_id, {{"-", ""}}));
}

std::string LongId(const std::string& short_id) {
  std::string id = absl::BytesToHexString(short_id);
  for (const size_t hyphen : {8, 13, 18, 23}) id.insert(std::min(hyphen, id.size()), "-");
  return id;
}

v1::HistoryReference ReferenceTo(const pb::GetTravellerResponse& response) {
  v1::HistoryReference reference;
  reference.set_person_id(response.person().person_id());
  for (const pb::Crossing& crossing : response.history()) {
    reference.add_crossing_ids(ShortId(crossing.crossing_id()));
  }
  return reference;
}

class Resolver : public HistoryResolver {
 public:
  explicit Resolver(rpc::Peer& peer) : peer_(peer) {}

  void Resolve(const OnBehalf& on_behalf, v1::Inspection& inspection) override {
    std::vector<std::string> missing;
    for (const v1::HistoryReference& reference : inspection.history_references()) {
      const std::string why = ResolveOne(reference, on_behalf, inspection);
      if (!why.empty()) missing.push_back(why);
    }
    inspection.set_history_missing(absl::StrJoin(missing, "; "));
  }

 private:
  // Why not all of them could be had; empty when they could.
  std::string ResolveOne(const v1::HistoryReference& reference, const OnBehalf& on_behalf, v1::Inspection& inspection) {
    pb::ListCrossingsRequest request;
    request.set_person_id(reference.person_id());
    for (const std::string& id : reference.crossing_ids()) request.add_crossing_ids(LongId(id));
    const absl::StatusOr<pb::ListCrossingsResponse> response = AskPeer(peer_, kListCrossings, request, on_behalf);
    if (!response.ok()) {
      return absl::StrCat("the traveller service did not answer (", std::string(response.status().message()), ")");
    }
    return AddHistory(reference, *response, inspection);
  }

  rpc::Peer& peer_;
};

History ReadHistory(const pb::GetTravellerResponse& response) {
  History history{.person = response.person().person_id(),
                  .crossing_count = response.person().crossing_count(),
                  .document_of_another = response.document_of_another(),
                  .identity_not_searched = response.identity_not_searched()};
  v1::Inspection evidence;
  v1::Inspection shown;
  for (const pb::Crossing& crossing : response.history()) {
    history.crossings.push_back(PastCrossingOf(crossing));
    *shown.add_history() = crossing;
  }
  if (response.history_size() > 0) *evidence.add_history_references() = ReferenceTo(response);
  history.evidence = base::Redacted(evidence.SerializeAsString());
  history.shown = base::Redacted(shown.SerializeAsString());
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
    const absl::StatusOr<pb::GetTravellerResponse> response = AskPeer(peer_, kGetTraveller, request, on_behalf);
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
    std::string answer;
    GH_RETURN_IF_ERROR(ReasonOnly(rpc::CallPeerRaw(peer_, kRecordCrossing, request.Reveal(), For(named), answer)));
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
  if (absl::IsFailedPrecondition(answer.status()) && answer.status().message() == kIdentityNotSearched) {
    return History{.identity_not_searched = true};
  }
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

std::string AddHistory(const v1::HistoryReference& reference, const pb::ListCrossingsResponse& response,
                       v1::Inspection& inspection) {
  std::set<std::string> wanted(reference.crossing_ids().begin(), reference.crossing_ids().end());
  for (const pb::Crossing& crossing : response.crossings()) {
    if (wanted.erase(ShortId(crossing.crossing_id())) > 0) *inspection.add_history() = crossing;
  }
  int erased = 0;
  for (const std::string& id : response.erased_crossing_ids()) erased += static_cast<int>(wanted.erase(ShortId(id)));
  std::vector<std::string> missing;
  const auto tell = [&](size_t count, const char* what) {
    if (count == 0) return;
    missing.push_back(absl::StrCat(count, " of ", reference.crossing_ids_size(), " earlier crossings ", what));
  };
  tell(erased, "were erased with their person");
  tell(wanted.size(), "are not in the register");
  return absl::StrJoin(missing, "; ");
}

std::unique_ptr<HistoryResolver> MakeHistoryResolver(rpc::Peer& peer) { return std::make_unique<Resolver>(peer); }

}  // namespace gatehouse::inspection
