// The RPCs of the traveller service: reading (TravellerService) and writing (CrossingService) are separate services, so
// that the authorisation matrix stays short.
#pragma once

#include <memory>

#include "libs/rpc/handle.h"
#include "services/traveller/register.h"

namespace grpc {
class Service;
}

namespace gatehouse::traveller {

// `host` and `crossings` outlive the services.
std::unique_ptr<grpc::Service> MakeTravellerService(rpc::Host& host, Register& crossings);
std::unique_ptr<grpc::Service> MakeCrossingService(rpc::Host& host, Register& crossings);
std::unique_ptr<grpc::Service> MakeTravellerAdminService(rpc::Host& host, Register& crossings);

}  // namespace gatehouse::traveller
