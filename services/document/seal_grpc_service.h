// The gRPC face of the verification of seals.
#pragma once

#include <memory>

#include "libs/base/clock.h"
#include "libs/rpc/handle.h"
#include "services/document/trust.h"

namespace grpc {
class Service;
}

namespace gatehouse::document {

// Everything given outlives the service.
std::unique_ptr<grpc::Service> MakeSealService(rpc::Host& host, const Trust& trust, base::Clock& clock);

}  // namespace gatehouse::document
