// gatehouse health: whether a process serves, and every condition by name.
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>

#include "gatehouse/runtime/v1/health_service.grpc.pb.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::runtime::v1;
using ::google::protobuf::util::TimeUtil;

const char* Word(const pb::Condition& condition) {
  if (!condition.raised()) return "over";
  return condition.severity() == pb::Condition::NOT_SERVING ? "not_serving" : "degraded";
}

std::string Since(const pb::Condition& condition) {
  return condition.raised() ? TimeUtil::ToString(condition.since_time()) : "";
}

void Print(const Context& context, const pb::GetHealthResponse& health) {
  if (context.json) {
    nlohmann::ordered_json json;
    json["serving"] = health.serving();
    json["conditions"] = nlohmann::ordered_json::array();
    for (const pb::Condition& condition : health.conditions()) {
      nlohmann::ordered_json& one = json["conditions"].emplace_back();
      one["name"] = condition.name();
      one["state"] = Word(condition);
      if (!condition.raised()) continue;
      one["since"] = Since(condition);
      one["reason"] = condition.reason();
    }
    *context.out << JsonLine(json) << "\n";
    return;
  }
  *context.out << (health.serving() ? "serving" : "not serving") << "\n";
  Table table({"condition", "state", "since", "reason"});
  for (const pb::Condition& condition : health.conditions()) {
    table.Add({condition.name(), Word(condition), Since(condition), condition.reason()});
  }
  if (table.size() > 0) table.Print(*context.out, context.colour);
}

void Ask(Context& context) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::HealthService::NewStub(*channel);
  const auto call = NewCall(context);
  pb::GetHealthResponse health;
  if (const grpc::Status status = stub->GetHealth(call.get(), {}, &health); !status.ok()) {
    return context.Fail(CallStatus(context, status));
  }
  Print(context, health);
  if (!health.serving()) context.exit_code = kCheckSaysNo;
}

}  // namespace

void AddHealthVerb(CLI::App& app, Context& context) {
  CLI::App* health = AddVerb(app, "health", "Whether a process serves, and every condition by name");
  health->callback([&context] { Ask(context); });
}

}  // namespace gatehouse::cli
