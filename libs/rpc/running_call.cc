#include "libs/rpc/running_call.h"

#include <cxxabi.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <exception>
#include <typeinfo>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/rpc/request_bytes.h"

namespace gatehouse::rpc {
namespace {

std::string TypeName(const std::type_info& type) {
  int failed = 0;
  char* name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed);
  std::string result = failed == 0 ? name : type.name();
  std::free(name);
  return result;
}

}  // namespace

RunningCall::RunningCall(std::shared_ptr<Arrival> came, const Method& called, std::function<absl::Status(Call&)> run)
    : arrival(std::move(came)), method(called), body_(std::move(run)) {}

std::string RunningCall::request_digest() const {
  if (message != nullptr) return DigestOf(*message);
  GH_CHECK(bytes != nullptr);  // only Handle keeps them
  return forgotten_digest_.empty() ? DigestOf(*bytes) : forgotten_digest_;
}

void RunningCall::ForgetBytes() {
  forgotten_digest_ = DigestOf(*bytes);
  // gRPC made the buffer for this call alone and shows it as const; nothing reads it any more.
  const_cast<grpc::ByteBuffer*>(bytes)->Clear();
}

absl::Duration RunningCall::TimeLeft() const {
  const absl::Duration left = arrival->TimeLeft();
  return left == absl::InfiniteDuration() ? method.default_timeout : left;
}

absl::Duration RunningCall::TookSoFar() const { return absl::FromChrono(std::chrono::steady_clock::now() - arrived_); }

base::WorkTime RunningCall::WorkTimeIn(absl::Duration left) const {
  return base::WorkTime::In(left, arrival->CancelledFlag());
}

bool RunningCall::IsCancelled() const {
  const auto cancelled = arrival->CancelledFlag();
  return cancelled != nullptr && cancelled->load(std::memory_order_relaxed);
}

// Only the type is told: the text of a parser's exception may quote a traveller's data.
absl::Status RunningCall::RunBody() {
  ran = true;
  try {
    return body_(*this);
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("the handler threw ", TypeName(typeid(exception))));
  } catch (...) {
    return absl::InternalError("the handler threw something that is no std::exception");
  }
}

}  // namespace gatehouse::rpc
