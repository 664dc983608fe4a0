// The trust administration of the document service, for the verbs that use it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "gatehouse/document/v1/trust_service.grpc.pb.h"
#include "tools/gatehouse/client.h"

namespace gatehouse::cli {

using TrustStub = gatehouse::document::v1::TrustAdminService::Stub;

// Null when there is no way to the service; the context has failed then.
std::unique_ptr<TrustStub> ConnectTrust(Context& context);

// True when the call was answered; else the context has failed.
template <typename Request, typename Response>
bool CallTrust(Context& context, TrustStub& stub,
               grpc::Status (TrustStub::*method)(grpc::ClientContext*, const Request&, Response*),
               const Request& request, Response& response) {
  const auto call = NewCall(context);
  const grpc::Status status = (stub.*method)(call.get(), request, &response);
  if (!status.ok()) context.Fail(CallStatus(context, status));
  return status.ok();
}

// Every page of a list, one after another. True when all were answered; else the context has failed.
template <typename Request, typename Response, typename Each>
bool EachTrustPage(Context& context, TrustStub& stub,
                   grpc::Status (TrustStub::*method)(grpc::ClientContext*, const Request&, Response*), Request request,
                   Each each) {
  do {
    Response response;
    if (!CallTrust(context, stub, method, request, response)) return false;
    each(response);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return true;
}

}  // namespace gatehouse::cli
