#include "services/inspection/on_behalf_client.h"

#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace gatehouse::inspection {
namespace {

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// gRPC calls back once, always: at the latest when the deadline of the context is over.
class Waiter {
 public:
  void Done(grpc::Status status) {
    std::lock_guard lock(mutex_);
    status_ = std::move(status);
    done_ = true;
    changed_.notify_one();
  }
  grpc::Status Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  grpc::Status status_;
};

}  // namespace

absl::StatusOr<std::string> CallPeerRaw(rpc::Peer& peer, const std::string& method, const std::string& request,
                                        const OnBehalf& on_behalf) {
  const std::shared_ptr<grpc::Channel> channel = peer.channel();
  if (channel == nullptr) return absl::UnavailableError("NOT_CONNECTED");
  rpc::Breaker::Attempt attempt(peer.breaker());
  if (!attempt.status().ok()) return attempt.status();
  const auto context = peer.NewContext({.officer = on_behalf.officer,
                                        .purpose = on_behalf.purpose,
                                        .call_id = on_behalf.call_id,
                                        .deadline = on_behalf.deadline},
                                       absl::InfiniteDuration());
  const grpc::Slice slice(request);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  Waiter waiter;
  grpc::GenericStub stub(channel);
  stub.UnaryCall(context.get(), method, {}, &sent, &received,
                 [&waiter](grpc::Status status) { waiter.Done(std::move(status)); });
  const grpc::Status status = waiter.Wait();
  attempt.Answered(static_cast<absl::StatusCode>(status.error_code()));
  if (!status.ok()) return ReasonOnly(status);
  return BytesOf(received);
}

}  // namespace gatehouse::inspection
