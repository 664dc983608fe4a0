// The gRPC faces of the notices: gatehouse.document.v1.NoticeService and NoticeAdminService.
#pragma once

#include <memory>

#include "libs/base/clock.h"
#include "libs/rpc/handle.h"
#include "services/document/notice_counts.h"
#include "services/document/notices.h"
#include "services/document/once_grpc_service.h"

namespace grpc {
class Service;
}

namespace gatehouse::document {

// Everything given outlives the services.
std::unique_ptr<grpc::Service> MakeNoticeService(rpc::Host& host, const Notices& notices, base::Clock& clock);
std::unique_ptr<grpc::Service> MakeNoticeAdminService(rpc::Host& host, Notices& notices, NoticeCounts& counts,
                                                      const OnceDeps& once);

}  // namespace gatehouse::document
