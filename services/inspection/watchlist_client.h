// WatchlistScreener over gatehouse.watchlist.v1. One call with a question for each document and one for each person
// that was shown: a list that answers only some of them is not taken for having answered all.
#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::watchlist::v1 {
class BatchScreenRequest;
class BatchScreenResponse;
}  // namespace gatehouse::watchlist::v1

namespace gatehouse::inspection {

// `peer` outlives the screener.
std::unique_ptr<WatchlistScreener> MakeWatchlistClient(rpc::Peer& peer);

// The questions, document0, document1, ..., name0, ..., and what the answers to them mean: INTERNAL when one is
// missing.
gatehouse::watchlist::v1::BatchScreenRequest RequestFor(const Shown& shown);
absl::StatusOr<ListAnswers> AnswersOf(const Shown& shown,
                                      const gatehouse::watchlist::v1::BatchScreenResponse& response);

}  // namespace gatehouse::inspection
