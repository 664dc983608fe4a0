#include "libs/rpc/call_peer.h"

#include <grpcpp/generic/generic_stub.h>

#include <vector>

#include "libs/base/check.h"

namespace gatehouse::rpc {
namespace {

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// gRPC answers once, always: at the latest when the deadline of the context is over. The queue is driven by this
// thread, so no other one is woken.
grpc::Status CallOverGrpc(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                          const std::string& request, grpc::ClientContext& context, grpc::ByteBuffer& received) {
  const grpc::Slice slice(request);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, method, sent, &queue);
  call->StartCall();
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  GH_CHECK(queue.Next(&tag, &ok) && ok);
  queue.Shutdown();
  return status;
}

}  // namespace

PeerAnswer CallPeerRaw(Peer& peer, const std::string& method, const std::string& request, const OnBehalf& on_behalf,
                       std::string& response) {
  const std::shared_ptr<grpc::Channel> channel = peer.channel();
  if (channel == nullptr) return {absl::UnavailableError("the peer is not connected"), /*asked=*/false};
  Breaker::Attempt attempt(peer.breaker());
  if (!attempt.status().ok()) return {attempt.status(), /*asked=*/false};
  response.clear();
  LocalCall local{.on_behalf = on_behalf, .request_bytes = &request, .response_bytes = &response};
  std::optional<absl::Status> answer = peer.ServeHere(method, local);
  if (!answer) {
    grpc::ByteBuffer received;
    const auto context = peer.NewContext(on_behalf, absl::InfiniteDuration());
    answer = FromGrpc(CallOverGrpc(channel, method, request, *context, received));
    response = BytesOf(received);
  }
  attempt.Answered(answer->code());
  return {*std::move(answer)};
}

}  // namespace gatehouse::rpc
