// TravellerDirectory and CrossingRecorder over gatehouse.traveller.v1.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "gatehouse/traveller/v1/traveller_service.pb.h"
#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// `peer` outlives both.
std::unique_ptr<TravellerDirectory> MakeTravellerClient(rpc::Peer& peer);
std::unique_ptr<CrossingRecorder> MakeCrossingClient(rpc::Peer& peer);

// The bytes of a RecordCrossingRequest, made once for each decision.
CrossingRequest WriteCrossingRequest(const CrossingIntent& intent);

// With the corrections of each crossing applied. `answer` is as CallPeer gives it (its message is the reason): only
// PERSON_NOT_FOUND is an empty history, whatever the status code of another reason.
absl::StatusOr<History> HistoryOf(const absl::StatusOr<gatehouse::traveller::v1::GetTravellerResponse>& answer);

}  // namespace gatehouse::inspection
