// The gRPC face of the document service that verifies; trust_grpc_service.h has the one that changes the trust store.
#pragma once

#include <memory>

#include "libs/base/clock.h"
#include "libs/rpc/handle.h"
#include "services/document/trust.h"

namespace grpc {
class Service;
}

namespace gatehouse::document {

// Everything given outlives the services.
std::unique_ptr<grpc::Service> MakeDocumentService(rpc::Host& host, const Trust& trust, base::Clock& clock);

}  // namespace gatehouse::document
