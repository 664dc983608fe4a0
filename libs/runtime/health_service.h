// Answers operators what is wrong with the process. Private to libs/runtime.
#pragma once

#include <memory>

#include "libs/observe/conditions.h"
#include "libs/rpc/handle.h"

namespace grpc {
class Service;
}

namespace gatehouse::runtime {

// Both outlive it.
std::unique_ptr<grpc::Service> MakeHealthService(rpc::Host& host, const observe::Conditions& conditions);

}  // namespace gatehouse::runtime
