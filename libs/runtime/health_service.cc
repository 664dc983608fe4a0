#include "libs/runtime/health_service.h"

#include <google/protobuf/util/time_util.h>

#include <map>

#include "gatehouse/runtime/v1/health_service.grpc.pb.h"

namespace gatehouse::runtime {
namespace {

using ::google::protobuf::util::TimeUtil;

class HealthService final
    : public v1::HealthService::WithRawCallbackMethod_GetHealth<v1::HealthService::CallbackService> {
 public:
  HealthService(rpc::Host& host, const observe::Conditions& conditions) : host_(host), conditions_(conditions) {}

  grpc::ServerUnaryReactor* GetHealth(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                      grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.runtime.v1.HealthService/GetHealth",
                                         .audit = rpc::NotAudited{"conditions name no person"},
                                         .purpose = "operation"};
    return rpc::Handle<v1::GetHealthRequest, v1::GetHealthResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::GetHealthRequest&, v1::GetHealthResponse& response) -> absl::Status {
          Tell(*&response);
          return absl::OkStatus();
        });
  }

 private:
  void Tell(v1::GetHealthResponse& response) const {
    std::map<std::string, observe::Condition> raised;
    for (observe::Condition& condition : conditions_.Raised()) raised.emplace(condition.name, std::move(condition));
    response.set_serving(true);
    for (const std::string& name : conditions_.Names()) {
      v1::Condition& told = *response.add_conditions();
      told.set_name(name);
      const auto found = raised.find(name);
      if (found == raised.end()) continue;
      const bool not_serving = found->second.severity == observe::Severity::kNotServing;
      if (not_serving) response.set_serving(false);
      told.set_raised(true);
      told.set_severity(not_serving ? v1::Condition::NOT_SERVING : v1::Condition::DEGRADED);
      told.set_reason(found->second.why);
      *told.mutable_since_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(found->second.since));
    }
  }

  rpc::Host& host_;
  const observe::Conditions& conditions_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeHealthService(rpc::Host& host, const observe::Conditions& conditions) {
  return std::make_unique<HealthService>(host, conditions);
}

}  // namespace gatehouse::runtime
