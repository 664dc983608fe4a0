// TravellerDirectory and CrossingRecorder over gatehouse.traveller.v1.
#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::traveller::v1 {
class GetTravellerResponse;
}

namespace gatehouse::inspection {

// `peer` outlives both.
std::unique_ptr<TravellerDirectory> MakeTravellerClient(rpc::Peer& peer);
std::unique_ptr<CrossingRecorder> MakeCrossingClient(rpc::Peer& peer);

// With the corrections of each crossing applied.
History HistoryOf(const gatehouse::traveller::v1::GetTravellerResponse& response);

}  // namespace gatehouse::inspection
