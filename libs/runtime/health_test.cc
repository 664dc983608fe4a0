// Health tells the truth, also about what does not answer.
#include "libs/runtime/health.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "gatehouse/runtime/v1/health_service.grpc.pb.h"
#include "libs/events/outbox.h"
#include "libs/runtime/testing.h"
#include "libs/runtime/toy_module.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::runtime {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kMatrix[] = R"(
    identities { identity: "operator" roles: "operator" }
    identities { identity: "called" roles: "module" }
    grants { method: "/gatehouse.test.Called/Answer" roles: "module" }
    grants { method: "/gatehouse.runtime.v1.HealthService/GetHealth" roles: "operator" })";

constexpr absl::Duration kPatience = absl::Seconds(60);

// What Health() of the module below waits for.
std::atomic<bool> hanging = false;

class Hanging final : public Module {
 public:
  std::vector<grpc::Service*> services() override { return {}; }
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}
  absl::Status Health() override {
    hanging.wait(true);
    return absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<Module>> MakeHanging(Platform&) { return std::make_unique<Hanging>(); }

v1::GetHealthResponse HealthOf(TestProcess& process) {
  const auto health = process.Call<v1::HealthService>("operator", &v1::HealthService::Stub::GetHealth, {});
  EXPECT_OK(health);
  return health.ok() ? *health : v1::GetHealthResponse();
}

const v1::Condition* Find(const v1::GetHealthResponse& health, const std::string& name) {
  for (const v1::Condition& condition : health.conditions()) {
    if (condition.name() == name) return &condition;
  }
  return nullptr;
}

// Asks until health is as wanted; false when that does not come.
bool Becomes(TestProcess& process, const std::function<bool(const v1::GetHealthResponse&)>& wanted) {
  const absl::Time until = absl::Now() + kPatience;
  while (absl::Now() < until) {
    if (wanted(HealthOf(process))) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

TEST(HealthTest, AModuleThatHangsIsNotServingAndDoesNotHoldTheDrain) {
  const ModuleEntry entry{.name = "called", .migrations = kCalledToy.migrations, .make = MakeHanging};
  ASSERT_OK_AND_ASSIGN(const auto process, TestProcess::Start({entry}, {.matrix = kMatrix}));
  EXPECT_TRUE(HealthOf(*process).serving());
  hanging = true;
  EXPECT_TRUE(Becomes(*process, [](const v1::GetHealthResponse& health) {
    const v1::Condition* condition = Find(health, "called.module");
    return !health.serving() && condition != nullptr && condition->raised() &&
           condition->severity() == v1::Condition::NOT_SERVING && !condition->reason().empty();
  }));
  auto drained = std::async(std::launch::async, [&] { return process->process().Drain(); });
  ASSERT_EQ(drained.wait_for(absl::ToChronoSeconds(kPatience)), std::future_status::ready);
  EXPECT_FALSE(drained.get()) << "a module that is asked is not taken down";
  hanging = false;
  hanging.notify_all();
  EXPECT_TRUE(process->process().Drain());
}

TEST(HealthTest, ADiskThatIsNearlyFullIsSaidBeforeWritesFail) {
  int64_t warn = 1;
  int64_t critical = 1;
  const auto start = [&] {
    return TestProcess::Start({kCalledToy}, {.matrix = kMatrix, .edit = [=](v1::Config& config) {
                                               config.mutable_disk()->set_warn_free_bytes(warn);
                                               config.mutable_disk()->set_critical_free_bytes(critical);
                                             }});
  };
  const auto severity = [](const v1::GetHealthResponse& health) {
    const v1::Condition* condition = Find(health, "runtime.disk.data");
    return condition == nullptr ? v1::Condition::SEVERITY_UNSPECIFIED : condition->severity();
  };
  {
    ASSERT_OK_AND_ASSIGN(const auto process, start());
    EXPECT_TRUE(HealthOf(*process).serving());
    EXPECT_EQ(severity(HealthOf(*process)), v1::Condition::SEVERITY_UNSPECIFIED);
  }
  warn = int64_t{1} << 60;
  {
    ASSERT_OK_AND_ASSIGN(const auto process, start());
    EXPECT_EQ(severity(HealthOf(*process)), v1::Condition::DEGRADED);
    EXPECT_TRUE(HealthOf(*process).serving());
  }
  critical = warn;
  ASSERT_OK_AND_ASSIGN(const auto process, start());
  EXPECT_EQ(severity(HealthOf(*process)), v1::Condition::NOT_SERVING);
  EXPECT_FALSE(HealthOf(*process).serving());
}

TEST(WatchTest, TellsTheLastAnswerAndThatThereIsNone) {
  std::atomic<bool> open = false;
  Watch watch("toy",
              [&] {
                open.wait(false);
                return absl::UnavailableError("broken");
              },
              {.pause = absl::Milliseconds(1), .limit = absl::Milliseconds(50)});
  watch.Start();
  EXPECT_THAT(watch.Answer(), StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("no answer")));
  EXPECT_FALSE(watch.Stop(absl::Milliseconds(10)));
  open = true;
  open.notify_all();
  EXPECT_TRUE(watch.Stop(absl::Seconds(30)));
  EXPECT_THAT(watch.Answer(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("broken")));
}

}  // namespace
}  // namespace gatehouse::runtime
