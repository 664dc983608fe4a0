// The gRPC face of the document service: one service that verifies, one that
// changes the trust store.
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
std::unique_ptr<grpc::Service> MakeTrustAdminService(rpc::Host& host, Trust& trust);

}  // namespace gatehouse::document
