// WatchlistScreener over gatehouse.watchlist.v1. Two questions in one call: by document and by name, so that a list
// that answers only one of them is not taken for having answered both.
#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::watchlist::v1 {
class BatchScreenResponse;
}

namespace gatehouse::inspection {

// `peer` outlives the screener.
std::unique_ptr<WatchlistScreener> MakeWatchlistClient(rpc::Peer& peer);

ListAnswers AnswersOf(const gatehouse::watchlist::v1::BatchScreenResponse& response);

}  // namespace gatehouse::inspection
