#include "tools/load/generator.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"

namespace gatehouse::load {
namespace {

namespace pb = gatehouse::inspection::v1;

// Stands still for a while at one call, so that everybody behind it waits; refuses a decision when told.
class FakeInspection final : public pb::InspectionService::Service {
 public:
  grpc::Status Inspect(grpc::ServerContext*, const pb::InspectRequest* request,
                       pb::InspectResponse* response) override {
    std::lock_guard lock(mutex_);
    if (++calls_ == stall_at) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    request_ids.insert(request->request_id());
    directions.insert(request->direction());
    response->mutable_inspection()->set_inspection_id(request->request_id());
    response->mutable_inspection()->mutable_recommendation()->set_outcome(pb::RECOMMENDED_OUTCOME_CLEAR);
    return grpc::Status::OK;
  }

  grpc::Status Decide(grpc::ServerContext*, const pb::DecideRequest* request, pb::DecideResponse* response) override {
    if (refuse) return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full");
    response->set_inspection_id(request->inspection_id());
    response->mutable_decision()->set_crossing_state(pb::CROSSING_STATE_STORED);
    return grpc::Status::OK;
  }

  int stall_at = 0;
  std::atomic<bool> refuse = false;
  std::set<std::string> request_ids;
  std::set<int> directions;

 private:
  std::mutex mutex_;
  int calls_ = 0;
};

class GeneratorTest : public ::testing::Test {
 protected:
  GeneratorTest() : documents_(3) {
    // Over TCP: an in-process call may still be unwinding on gRPC's thread when the server goes, and that crashes.
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    documents_[0].set_mrz("P<UTO");
  }

  Result Run(const Plan& plan) {
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    return Generate(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()), documents_, plan);
  }

  int port_ = 0;
  FakeInspection service_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<gatehouse::document::v1::DocumentInput> documents_;
};

TEST_F(GeneratorTest, ChargesAStallToEveryoneWhoWasDueMeanwhile) {
  service_.stall_at = 20;
  const Result result = Run({.rate = 100, .warm_up = absl::ZeroDuration(), .duration = absl::Seconds(1)});
  EXPECT_EQ(result.passage.size(), 100u);
  EXPECT_TRUE(result.errors.empty());
  // Thirty were due in the 300 ms of the stall: about fifteen of a hundred waited longer than half of it. A generator
  // that counts from when it could send would see one.
  EXPECT_GE(result.inspect.Percentile(90), absl::Milliseconds(120));
  EXPECT_LT(result.inspect.Percentile(50), absl::Milliseconds(100));
}

TEST_F(GeneratorTest, SaturationStopsAtTheCountAndNeverRepeatsARequestId) {
  int acknowledged = 0;
  const Result result = Run({.concurrency = 8,
                             .warm_up = absl::ZeroDuration(),
                             .duration = absl::Seconds(60),
                             .max_passages = 200,
                             .acknowledged = [&](const pb::DecideResponse&) { ++acknowledged; }});
  EXPECT_EQ(result.passage.size(), 200u);
  EXPECT_EQ(result.finished, 200);
  EXPECT_EQ(result.cleared, 200);
  EXPECT_EQ(result.stored, 200);
  EXPECT_EQ(acknowledged, 200);
  EXPECT_EQ(service_.request_ids.size(), 200u);
  EXPECT_EQ(service_.directions.size(), 2u);
  EXPECT_LT(result.measured, absl::Seconds(30));
}

TEST_F(GeneratorTest, StopsAtTheBoundOfErrorsAndCountsThemByCode) {
  service_.refuse = true;
  const Result result =
      Run({.concurrency = 1, .warm_up = absl::ZeroDuration(), .duration = absl::Seconds(60), .max_errors = 5});
  EXPECT_EQ(result.errors.at("Decide RESOURCE_EXHAUSTED"), 5);
  EXPECT_EQ(result.passage.size(), 0u);
  EXPECT_EQ(result.finished, 0);
}

TEST_F(GeneratorTest, TheWarmUpIsNotCounted) {
  const Result result = Run({.rate = 50, .warm_up = absl::Seconds(1), .duration = absl::Milliseconds(500)});
  EXPECT_EQ(result.passage.size(), 25u);
  EXPECT_EQ(service_.request_ids.size(), 75u);
}

}  // namespace
}  // namespace gatehouse::load
