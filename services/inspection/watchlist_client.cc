#include "services/inspection/watchlist_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/inspection/on_behalf_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::watchlist::v1;

constexpr rpc::PeerMethod<pb::WatchlistService, pb::BatchScreenRequest, pb::BatchScreenResponse> kBatchScreen{
    "/gatehouse.watchlist.v1.WatchlistService/BatchScreen", &pb::WatchlistService::Stub::BatchScreen};

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

const pb::ScreenAnswer* FindAnswer(const pb::BatchScreenResponse& response, std::string_view id) {
  for (const pb::ScreenAnswer& answer : response.answers()) {
    if (answer.id() == id) return &answer;
  }
  return nullptr;
}

class WatchlistClient : public WatchlistScreener {
 public:
  explicit WatchlistClient(rpc::Peer& peer) : peer_(peer) {}

  absl::StatusOr<ListAnswers> Screen(const Shown& shown, const OnBehalf& on_behalf) override {
    const pb::BatchScreenRequest request = RequestFor(shown);
    GH_ASSIGN_OR_RETURN(const pb::BatchScreenResponse response, AskPeer(peer_, kBatchScreen, request, on_behalf));
    return AnswersOf(shown, response);
  }

 private:
  rpc::Peer& peer_;
};

}  // namespace

pb::BatchScreenRequest RequestFor(const Shown& shown) {
  pb::BatchScreenRequest request;
  for (size_t i = 0; i < shown.documents.size(); ++i) {
    pb::ScreenQuery* query = request.add_queries();
    query->set_id(absl::StrCat(kByDocument, i));
    *query->mutable_document() = rpc::WriteDocumentKey(shown.documents[i].about.Reveal().document);
  }
  for (size_t i = 0; i < shown.persons.size(); ++i) {
    const base::Identity& person = shown.persons[i].about.Reveal();
    pb::ScreenQuery* query = request.add_queries();
    query->set_id(absl::StrCat(kByName, i));
    *query->mutable_name() = rpc::WriteName(person.name);
    *query->mutable_birth_date() = rpc::WriteDate(person.birth_date);
    query->set_sex(rpc::WriteSex(person.sex));
    query->set_nationality(person.nationality);
  }
  return request;
}

absl::StatusOr<ListAnswers> AnswersOf(const Shown& shown, const pb::BatchScreenResponse& response) {
  ListAnswers answers;
  gatehouse::inspection::v1::Inspection evidence;
  const auto read = [&](const char* kind, const std::vector<Question>& questions, std::vector<BaseAnswer>& into) {
    for (size_t i = 0; i < questions.size(); ++i) {
      const pb::ScreenAnswer* answer = FindAnswer(response, absl::StrCat(kind, i));
      if (answer == nullptr) return false;
      gatehouse::inspection::v1::ListQuestion* kept = evidence.add_list_questions();
      kept->set_asked_by(kind);
      kept->set_shown_at(questions[i].shown_at);
      *kept->mutable_answers() = answer->bases();
      for (const pb::BaseAnswer& base : answer->bases()) {
        into.push_back(Read(base));
        into.back().shown_at = questions[i].shown_at;
      }
    }
    return true;
  };
  if (!read(kByDocument, shown.documents, answers.by_document) || !read(kByName, shown.persons, answers.by_name)) {
    return absl::InternalError("");  // fewer answers than questions
  }
  answers.evidence = base::Redacted(evidence.SerializeAsString());
  return answers;
}

std::unique_ptr<WatchlistScreener> MakeWatchlistClient(rpc::Peer& peer) {
  return std::make_unique<WatchlistClient>(peer);
}

}  // namespace gatehouse::inspection
