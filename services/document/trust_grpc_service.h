// The gRPC face of the trust store: gatehouse.document.v1.TrustAdminService.
#pragma once

#include <memory>

#include "libs/rpc/handle.h"
#include "services/document/once_grpc_service.h"
#include "services/document/trust.h"

namespace grpc {
class Service;
}

namespace gatehouse::document {

// Everything given outlives the service.
std::unique_ptr<grpc::Service> MakeTrustAdminService(rpc::Host& host, Trust& trust, const OnceDeps& once);

}  // namespace gatehouse::document
