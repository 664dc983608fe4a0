// The RPCs of the inspection service: the desk (InspectionService), reading (InspectionQueryService), and the crossings
// that the register refuses (CrossingIntentService).
#pragma once

#include <memory>
#include <string>

#include "libs/observe/metrics.h"
#include "libs/rpc/handle.h"
#include "services/inspection/desk.h"
#include "services/inspection/inspector.h"
#include "services/inspection/traveller_client.h"

namespace grpc {
class Service;
}

namespace gatehouse::inspection {

// What is referred to outlives the services. `default_post` serves requests that name none.
std::unique_ptr<grpc::Service> MakeInspectionService(rpc::Host& host, observe::Metrics& metrics, Inspector& inspector,
                                                     Desk& desk, HistoryResolver& resolver, std::string default_post);
std::unique_ptr<grpc::Service> MakeCrossingIntentService(rpc::Host& host, CrossingIntents& intents, base::Clock& clock);
std::unique_ptr<grpc::Service> MakeInspectionQueryService(rpc::Host& host, InspectionStore& store,
                                                          HistoryResolver& resolver);

}  // namespace gatehouse::inspection
