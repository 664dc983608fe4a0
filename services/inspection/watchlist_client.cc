#include "services/inspection/watchlist_client.h"

#include <map>
#include <set>
#include <utility>

#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/inspection/on_behalf_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::watchlist::v1;

constexpr char kByDocument[] = "document";
constexpr char kByName[] = "name";

BaseStatus StatusOf(pb::BaseStatus status) {
  switch (status) {
    case pb::BASE_STATUS_HIT:
      return BaseStatus::kHit;
    case pb::BASE_STATUS_NO_HIT:
      return BaseStatus::kNoHit;
    case pb::BASE_STATUS_NOT_SEARCHED:
      return BaseStatus::kNotSearched;
    case pb::BASE_STATUS_TIMEOUT:
      return BaseStatus::kTimeout;
    case pb::BASE_STATUS_STALE:
      return BaseStatus::kStale;
    default:
      return BaseStatus::kError;  // what a newer service may say is no answer to us
  }
}

BaseAnswer Read(const pb::BaseAnswer& answer) {
  BaseAnswer read{.base = answer.base(),
                  .status = StatusOf(answer.status()),
                  .reason = answer.reason(),
                  .version = answer.data_version(),
                  .age = rpc::ReadDuration(answer.data_age()),
                  .required = answer.required()};
  for (const pb::Hit& hit : answer.hits()) {
    if (hit.band() != pb::BAND_IDENTITY && hit.band() != pb::BAND_POSSIBLE) continue;
    read.hits.push_back({hit.record_id(), hit.document_status()});
  }
  return read;
}

// One answer per base for the file: what either question found.
void Merge(const pb::BaseAnswer& answer, std::map<std::string, pb::BaseAnswer>& merged) {
  const auto [place, added] = merged.emplace(answer.base(), answer);
  if (added) return;
  pb::BaseAnswer& known = place->second;
  if (known.status() == pb::BASE_STATUS_NOT_SEARCHED) {
    known = answer;
    return;
  }
  if (answer.status() == pb::BASE_STATUS_NOT_SEARCHED) return;
  known.set_required(known.required() || answer.required());
  if (known.status() == pb::BASE_STATUS_NO_HIT) {
    known.set_status(answer.status());
    known.set_reason(answer.reason());
  }
  std::set<std::string> records;
  for (const pb::Hit& hit : known.hits()) records.insert(hit.record_id());
  for (const pb::Hit& hit : answer.hits()) {
    if (records.insert(hit.record_id()).second) *known.add_hits() = hit;
  }
}

class WatchlistClient : public WatchlistScreener {
 public:
  explicit WatchlistClient(rpc::Peer& peer) : peer_(peer) {}

  absl::StatusOr<ListAnswers> Screen(const base::Identity& identity, const OnBehalf& on_behalf) override {
    pb::BatchScreenRequest request;
    if (!identity.document.empty()) {
      pb::ScreenQuery* query = request.add_queries();
      query->set_id(kByDocument);
      *query->mutable_document() = rpc::WriteDocumentKey(identity.document);
    }
    const base::PersonName& name = identity.name;
    if (!name.primary.empty() || !name.secondary.empty() || !name.full.empty() || !name.mrz_name.empty()) {
      pb::ScreenQuery* query = request.add_queries();
      query->set_id(kByName);
      *query->mutable_name() = rpc::WriteName(name);
      *query->mutable_birth_date() = rpc::WriteDate(identity.birth_date);
      query->set_sex(rpc::WriteSex(identity.sex));
      query->set_nationality(identity.nationality);
    }
    GH_ASSIGN_OR_RETURN(
        const pb::BatchScreenResponse response,
        CallPeer<pb::WatchlistService>(peer_, &pb::WatchlistService::Stub::BatchScreen, request, on_behalf));
    if (response.answers_size() != request.queries_size()) return absl::InternalError("an answer is missing");
    return AnswersOf(response);
  }

 private:
  rpc::Peer& peer_;
};

}  // namespace

ListAnswers AnswersOf(const pb::BatchScreenResponse& response) {
  ListAnswers answers;
  std::map<std::string, pb::BaseAnswer> merged;
  for (const pb::ScreenAnswer& answer : response.answers()) {
    auto& kind = answer.id() == kByDocument ? answers.by_document : answers.by_name;
    for (const pb::BaseAnswer& base : answer.bases()) {
      kind.push_back(Read(base));
      Merge(base, merged);
    }
  }
  gatehouse::inspection::v1::Inspection evidence;
  for (auto& [base, answer] : merged) *evidence.add_list_answers() = std::move(answer);
  answers.evidence = base::Redacted(evidence.SerializeAsString());
  return answers;
}

std::unique_ptr<WatchlistScreener> MakeWatchlistClient(rpc::Peer& peer) {
  return std::make_unique<WatchlistClient>(peer);
}

}  // namespace gatehouse::inspection
