// Handle(): what wraps every handler body, in this order: deadline trimmed, principal found, admitted, authorised,
// purpose and officer settled, request size bounded, audited (intent), the body run on the method's lane of the module,
// exceptions stopped, audited (outcome), counted, status mapped. A handler is about four lines:
//
//   grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
//                                    grpc::ByteBuffer* response_bytes) override {
//     static constexpr rpc::Method kMethod{.name = "/gatehouse.document.v1.DocumentService/Verify",
//                                          .audit = rpc::Audited{}};
//     return rpc::Handle<VerifyRequest, VerifyResponse>(
//         host_, context, kMethod, request_bytes, response_bytes,
//         [this](rpc::Call& call, const VerifyRequest& request, VerifyResponse& response) -> absl::Status {
//           GH_ASSIGN_OR_RETURN(const DocumentInput input, FromProto(request));
//           ToProto(verifier_.Verify(input, call.deadline()), &response);
//           return absl::OkStatus();
//         });
//   }
//
// Every method takes the bytes as they were sent (WithRawCallbackMethod_Verify<...>): gRPC's own limit of a message is
// of the whole server and as large as its largest import, and protobuf makes objects of forty times the bytes. Here
// size and fields are judged first, after the caller; and a repeated request is known by its bytes
// (Call::request_digest).
//
// Request and response live until the body returns. gRPC threads never block: the body runs on a thread of its lane
// (lane.h); a full lane answers RESOURCE_EXHAUSTED. The body of a call from another module of the process runs on the
// thread of that module's handler (local_methods.h).
//
// Time. The body runs under a base::WorkTimeScope: the time left until deadline(), cancelled when the caller goes away.
// What blocks in it heeds that, and long loops ask base::CheckWorkTime() between their steps.
//
// Sent again. A client may send a call again by itself only when the body has not run: an UNAVAILABLE of a body that
// ran forbids it (grpc-retry-pushback-ms: -1). A status of kUnknown, which a store answers when it lost its connection
// in COMMIT, reaches the caller as UNKNOWN with the reason OUTCOME_UNKNOWN: nobody sends it again but who knows the
// request_id.
//
// What the caller reads when a call is not run:
//   UNAUTHENTICATED     no certificate and no local token, or a local token that came over the network
//   PERMISSION_DENIED   the matrix does not know the identity, or does not grant it the method
//   INVALID_ARGUMENT    the request is over the method's size, or holds more than kMaxRequestFields fields, or is no
//                       message of its type, or forwarded metadata is over its bounds (metadata.h)
//   DEADLINE_EXCEEDED   expired before the body began; CANCELLED likewise
//   RESOURCE_EXHAUSTED  the process's door or the method's lane is full
//   UNAVAILABLE         starting or draining, or the audit log refused the intent or the outcome of an audited method
// The first two leave a refusal in the audit log whatever the method touches, if there is an identity to name: those of
// the network by the gatekeeper's own thread (gatekeeper.h), before anything is read, and those of in-process calls, or
// of a matrix that changed since, by a thread of the lane. What cannot be written stays a refusal. A body that throws
// is INTERNAL.
//
// Forwarded metadata (officer, purpose, call id) counts only from principals with may_act_for and is ignored from all
// others: their purpose is the method's, and their officer is themselves when they are a person, else nobody.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/audit/audit.h"
#include "libs/authz/authz.h"
#include "libs/base/clock.h"
#include "libs/base/identity.h"
#include "libs/base/random.h"
#include "libs/observe/metrics.h"
#include "libs/rpc/admission.h"
#include "libs/rpc/audit_rule.h"
#include "libs/rpc/lane.h"
#include "libs/rpc/on_behalf.h"

namespace google::protobuf {
class Message;
}

namespace grpc {
class ByteBuffer;
class CallbackServerContext;
class ClientContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace gatehouse::rpc {

class Heard;
class LocalMethods;

// Over all nesting levels: an empty field of two bytes becomes an object of some eighty.
inline constexpr size_t kMaxRequestFields = 50'000;

struct Method {
  std::string_view name;  // "/gatehouse.inspection.v1.InspectionService/Inspect"
  AuditRule audit;        // has no default: a method that does not say is not compiled
  // What the purpose is when the caller names none.
  std::string_view purpose = "border_inspection";
  size_t max_request_bytes = 1024 * 1024;
  absl::Duration default_timeout = absl::Seconds(10);
  Lane lane = Lane::kLine;
};

// One call, as its handler sees it.
class Call {
 public:
  virtual ~Call() = default;
  virtual const authz::Principal& principal() const = 0;
  // When the answer must be ready, by the host's clock; already trimmed, so that there is time to fail well.
  virtual absl::Time deadline() const = 0;
  virtual const std::string& id() const = 0;
  // Whom the call is about, for the audit outcome; ids only. Call from the body as soon as it is known, from the body's
  // own thread.
  virtual void AddSubject(std::string id) = 0;
  // The same for whoever has no id here: a document that was shown or asked for, somebody looked for by name. The audit
  // log keeps keyed hashes of them (libs/audit/lookup_keys.h), by which `gatehouse audit search` finds the call.
  virtual void AddDocument(base::DocumentKey document) = 0;
  virtual void AddName(audit::NamedPerson person) = 0;
  // SHA-256, 32 bytes, of the request as the caller sent it, whatever fields this release knows. It is kept under the
  // service's own key (seal::Sealer::LookupHash): requests can be guessed.
  virtual std::string request_digest() const = 0;
};

// For calls to peers that serve this one: Peer::NewContext(OnBehalfOf(call), timeout).
OnBehalf OnBehalfOf(const Call& call);

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
    LanesBounds lanes;
    // The door of the process, shared by its hosts; null: none. Outlives the host.
    Admission* admission = nullptr;
    // Told of each connection that a call came over; null: nobody is. Outlives the host.
    Heard* heard = nullptr;
    // Where services offer what other modules of the process call; null: nowhere. Outlives the host.
    LocalMethods* local_methods = nullptr;
  };
  static std::unique_ptr<Host> Make(Deps deps);
  virtual ~Host() = default;  // waits for calls in flight

  virtual LocalMethods* local_methods() = 0;

  // What Handle passes on. The types are told by their default instances.
  struct Handled {
    const grpc::ByteBuffer* request;
    grpc::ByteBuffer* response;
    const google::protobuf::Message& request_type;
    const google::protobuf::Message& response_type;
    std::function<absl::Status(Call&, const google::protobuf::Message&, google::protobuf::Message&)> body;
  };
  // The body runs on its lane of this host; of a call by local_methods.h, on its own thread before this returns (null).
  virtual grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Method& method,
                                        Handled handled) = 0;
};

// `body` is absl::Status(Call&, const Request&, Response&). Both messages are on one arena.
template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* Handle(Host& host, grpc::CallbackServerContext* context, const Method& method,
                                 const grpc::ByteBuffer* request, grpc::ByteBuffer* response, Body body) {
  return host.Run(context, method,
                  {.request = request,
                   .response = response,
                   .request_type = Request::default_instance(),
                   .response_type = Response::default_instance(),
                   .body = [body = std::move(body)](Call& call, const google::protobuf::Message& parsed,
                                                    google::protobuf::Message& answer) -> absl::Status {
                     return body(call, static_cast<const Request&>(parsed), static_cast<Response&>(answer));
                   }});
}

}  // namespace gatehouse::rpc
