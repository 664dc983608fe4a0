// Handle(): what wraps every handler body, in this order: deadline trimmed, principal found, authorised, purpose and
// officer settled, request size bounded, audited (intent), the body run on the module's own bounded pool, exceptions
// stopped, audited (outcome), counted, status mapped. A handler is about four lines:
//
//   grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const VerifyRequest* request,
//                                    VerifyResponse* response) override {
//     static constexpr rpc::Method kMethod{.name = "/gatehouse.document.v1.DocumentService/Verify", .personal = true};
//     return rpc::Handle(host_, context, kMethod, *request, [this, request, response](rpc::Call& call) -> absl::Status
//     {
//       GH_ASSIGN_OR_RETURN(const DocumentInput input, FromProto(*request));
//       ToProto(verifier_.Verify(input, call.deadline()), response);
//       return absl::OkStatus();
//     });
//   }
//
// The request and the response live until the reactor finishes, so the body may refer to both. gRPC threads never
// block: the body runs on the pool; a full pool answers RESOURCE_EXHAUSTED.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/audit/audit.h"
#include "libs/authz/authz.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/worker_pool.h"
#include "libs/observe/metrics.h"

namespace grpc {
class CallbackServerContext;
class ClientContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace gatehouse::rpc {

struct Method {
  std::string_view name;  // "/gatehouse.inspection.v1.InspectionService/Inspect"
  // Reads or writes a person: intent and outcome are audited and the answer waits for both.
  bool personal = false;
  // What the purpose is when the caller names none.
  std::string_view purpose = "border_inspection";
  size_t max_request_bytes = 1024 * 1024;
  absl::Duration default_timeout = absl::Seconds(10);
};

// One call, as its handler sees it.
class Call {
 public:
  virtual ~Call() = default;
  virtual const authz::Principal& principal() const = 0;
  // When the answer must be ready; already trimmed, so that there is time to fail well.
  virtual absl::Time deadline() const = 0;
  virtual const std::string& id() const = 0;
  // Whom the call is about, for the audit outcome; ids only. Call from the body as soon as it is known.
  virtual void AddSubject(std::string id) = 0;
};

// What a module's handlers share. Made by runtime.
class Host {
 public:
  struct Deps {
    std::string service;  // document, watchlist, ...: the error domain and the metric prefix
    base::Clock& clock;
    base::Random& random;
    const authz::Matrix& matrix;
    audit::Log& audit;
    observe::Metrics& metrics;
    std::string local_token;  // what in-process callers present; network listeners refuse it
    size_t threads = 32;
    size_t queue_bound = 1024;
  };
  static std::unique_ptr<Host> Make(Deps deps);
  virtual ~Host() = default;  // waits for calls in flight

  // The body runs on the pool of this host.
  virtual grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Method& method,
                                        size_t request_bytes, std::function<absl::Status(Call&)> body) = 0;
};

template <typename Request>
grpc::ServerUnaryReactor* Handle(Host& host, grpc::CallbackServerContext* context, const Method& method,
                                 const Request& request, std::function<absl::Status(Call&)> body) {
  return host.Run(context, method, request.ByteSizeLong(), std::move(body));
}

}  // namespace gatehouse::rpc
