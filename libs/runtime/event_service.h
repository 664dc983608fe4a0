// gatehouse.event.v1.EventService: the outboxes of the modules of this process, for `gatehouse events tail`. Private to
// libs/runtime.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "libs/events/outbox.h"
#include "libs/rpc/handle.h"

namespace grpc {
class Service;
}

namespace gatehouse::runtime {

// By service. What is referred to outlives the service.
using Outboxes = std::map<std::string, events::Outbox*>;
std::unique_ptr<grpc::Service> MakeEventService(rpc::Host& host, Outboxes outboxes);

}  // namespace gatehouse::runtime
