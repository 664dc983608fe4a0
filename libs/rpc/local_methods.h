// Calls between modules of one process, on the thread of the caller: nothing is written down and read again, no thread
// is woken. What serves them is the same handler behind the same Handle (principal, matrix, deadline, audit); only gRPC
// is not between. A service offers the methods that other modules of its process call, in its constructor:
//
//   rpc::Offer(host, kGetTraveller.name, this, &TravellerService::GetTraveller);
//
// and call_peer.h finds them. What is not offered goes over the in-process transport of gRPC.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/rpc/handle.h"
#include "libs/rpc/on_behalf.h"

namespace google::protobuf {
class Message;
}

namespace gatehouse::rpc {

// One call, as its caller states it. Either the two messages or the two byte strings; all outlive the call.
struct LocalCall {
  std::string identity;  // of the module that calls
  std::string local_token;
  OnBehalf on_behalf;
  absl::Duration time = absl::InfiniteDuration();  // the caller gives up then
  const google::protobuf::Message* request = nullptr;
  google::protobuf::Message* response = nullptr;
  const std::string* request_bytes = nullptr;
  std::string* response_bytes = nullptr;
};

// The offered methods of a process. Thread-safe; handlers stay, so whoever offers lives until nobody calls any more.
class LocalMethods {
 public:
  // Serves the call on this thread, and answers as a peer would. Errors are as FromGrpc gives them.
  using Serve = std::function<absl::Status(const LocalCall& call)>;

  // Once a method.
  void Offer(std::string_view method, Serve serve);
  // Null when nobody offers it.
  const Serve* Find(std::string_view method) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Serve, std::less<>> offered_;
};

namespace local_internal {

// The messages of a call are of these types, or we have a bug.
void CheckTypes(const LocalCall& call, const google::protobuf::Message& request_type,
                const google::protobuf::Message& response_type);

// Makes the next Host::Run of this thread serve `call` before it returns, and gives what it answered. Messages are
// handed on as they are.
absl::Status Serve(
    const LocalCall& call,
    const std::function<void(grpc::CallbackServerContext*, const grpc::ByteBuffer*, grpc::ByteBuffer*)>& handler);

}  // namespace local_internal

// `handler` is a method of a callback service that answers by Handle, and does nothing else with its context, which is
// null for a local call.
template <typename Service>
void Offer(Host& host, std::string_view method, Service* service,
           grpc::ServerUnaryReactor* (Service::*handler)(grpc::CallbackServerContext*, const grpc::ByteBuffer*,
                                                         grpc::ByteBuffer*)) {
  if (host.local_methods() == nullptr) return;
  host.local_methods()->Offer(method, [service, handler](const LocalCall& call) {
    return local_internal::Serve(
        call, [&](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
          (service->*handler)(context, request, response);
        });
  });
}

}  // namespace gatehouse::rpc
