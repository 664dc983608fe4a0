// TravellerDirectory and CrossingRecorder over gatehouse.traveller.v1.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/traveller/v1/traveller_service.pb.h"
#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// `peer` outlives them.
std::unique_ptr<TravellerDirectory> MakeTravellerClient(rpc::Peer& peer);
std::unique_ptr<CrossingRecorder> MakeCrossingClient(rpc::Peer& peer);

// Puts the crossings that an inspection refers to into its `history`, as the register has them now, and says in
// `history_missing` what could not be had: erased with their person, not in the register, or no answer. Thread-safe.
class HistoryResolver {
 public:
  virtual ~HistoryResolver() = default;
  virtual void Resolve(const OnBehalf& on_behalf, gatehouse::inspection::v1::Inspection& inspection) = 0;
};
std::unique_ptr<HistoryResolver> MakeHistoryResolver(rpc::Peer& peer);

// Adds what `reference` means out of `response`; what is not in it any more, as a sentence, or empty.
std::string AddHistory(const gatehouse::inspection::v1::HistoryReference& reference,
                       const gatehouse::traveller::v1::ListCrossingsResponse& response,
                       gatehouse::inspection::v1::Inspection& inspection);

// The bytes of a RecordCrossingRequest, made once for each decision.
CrossingRequest WriteCrossingRequest(const CrossingIntent& intent);

// With the corrections of each crossing applied. `answer` is as AskPeer gives it (its message is the reason): only
// PERSON_NOT_FOUND is an empty history, whatever the status code of another reason; IDENTITY_NOT_SEARCHED is one that
// says so.
absl::StatusOr<History> HistoryOf(const absl::StatusOr<gatehouse::traveller::v1::GetTravellerResponse>& answer);

}  // namespace gatehouse::inspection
