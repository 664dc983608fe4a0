// The gRPC face of the watch list: one service that reads, one that changes
// lists.
#pragma once

#include <memory>

#include "libs/rpc/handle.h"
#include "services/watchlist/watchlist.h"

namespace grpc {
class Service;
}

namespace gatehouse::watchlist {

// `host` and `watchlist` outlive the services.
std::unique_ptr<grpc::Service> MakeWatchlistService(rpc::Host& host, const Watchlist& watchlist);
std::unique_ptr<grpc::Service> MakeWatchlistAdminService(rpc::Host& host, Watchlist& watchlist);

}  // namespace gatehouse::watchlist
