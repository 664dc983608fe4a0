#include "libs/rpc/local_methods.h"

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <utility>
#include <vector>

#include "libs/base/check.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/local_arrival.h"
#include "libs/rpc/metadata.h"

namespace gatehouse::rpc {
namespace {

thread_local std::shared_ptr<LocalArrival> waiting;

}  // namespace

std::shared_ptr<LocalArrival> LocalArrival::Take() { return std::exchange(waiting, nullptr); }

std::optional<std::string_view> LocalArrival::Metadata(std::string_view key) const {
  const auto unless_empty = [](const std::string& value) -> std::optional<std::string_view> {
    if (value.empty()) return std::nullopt;
    return value;
  };
  if (key == kLocalTokenKey) return call_.local_token;
  if (key == kLocalIdentityKey) return call_.identity;
  if (key == kOfficerKey) return unless_empty(call_.on_behalf.officer);
  if (key == kPurposeKey) return unless_empty(call_.on_behalf.purpose);
  if (key == kCallIdKey) return unless_empty(call_.on_behalf.call_id);
  return std::nullopt;
}

void LocalArrival::Finish(const grpc::Status& answer, std::function<void()> gone) {
  answer_ = FromGrpc(answer);
  gone();
}

void LocalMethods::Offer(std::string_view method, Serve serve) {
  std::lock_guard lock(mutex_);
  const bool first = offered_.emplace(method, std::move(serve)).second;
  GH_CHECK(first);
}

const LocalMethods::Serve* LocalMethods::Find(std::string_view method) const {
  std::lock_guard lock(mutex_);
  const auto found = offered_.find(method);
  return found == offered_.end() ? nullptr : &found->second;
}

namespace local_internal {

void CheckTypes(const LocalCall& call, const google::protobuf::Message& request_type,
                const google::protobuf::Message& response_type) {
  GH_CHECK(call.request != nullptr && call.request->GetDescriptor() == request_type.GetDescriptor());
  GH_CHECK(call.response->GetDescriptor() == response_type.GetDescriptor());
}

namespace {

absl::Status ServeHere(const LocalCall& call, const std::function<void()>& handler) {
  const auto arrival = std::make_shared<LocalArrival>(call);
  waiting = arrival;
  handler();
  GH_CHECK(waiting == nullptr);  // the handler answers by Handle
  return arrival->answer();
}

}  // namespace

absl::Status Serve(
    const LocalCall& call,
    const std::function<void(grpc::CallbackServerContext*, const grpc::ByteBuffer*, grpc::ByteBuffer*)>& handler) {
  if (call.request_bytes == nullptr) {
    return ServeHere(call, [&] { handler(nullptr, nullptr, nullptr); });
  }
  const grpc::Slice slice(*call.request_bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  const absl::Status answer = ServeHere(call, [&] { handler(nullptr, &request, &response); });
  if (!answer.ok()) return answer;
  std::vector<grpc::Slice> slices;
  if (!response.Dump(&slices).ok()) return absl::InternalError("an answer that does not read");
  for (const grpc::Slice& part : slices) {
    call.response_bytes->append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  return answer;
}

}  // namespace local_internal

}  // namespace gatehouse::rpc
