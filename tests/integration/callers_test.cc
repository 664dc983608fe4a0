// Who calls, against a real post: a removed officer, a certificate that expires on an open connection, requests that
// would become gigabytes, and a gate that floods.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/test_certificates.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {
namespace {

using inspection::v1::InspectionQueryService;
using inspection::v1::InspectionService;
using inspection::v1::ListInspectionsRequest;
using inspection::v1::ListInspectionsResponse;
using ::testing::HasSubstr;

constexpr char kInspect[] = "/gatehouse.inspection.v1.InspectionService/Inspect";
constexpr char kBatchScreen[] = "/gatehouse.watchlist.v1.WatchlistService/BatchScreen";
constexpr int kGateCalls = 4;
// Generous, and far from the gigabytes that the same requests took before they were judged by their headers.
constexpr long kMaxGrowth_kib = 400 * 1024;

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::string Repeated(const std::string& bytes, size_t times) {
  std::string all;
  all.reserve(bytes.size() * times);
  for (size_t i = 0; i < times; ++i) all += bytes;
  return all;
}

// The tests issue certificates as they need them, so the post trusts an authority of theirs.
class CallersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    matrix_ = ReadText("deploy/authorization/matrix.textproto");
    ASSERT_FALSE(matrix_.empty());
    std::ofstream(matrix_file_) << matrix_;
    const rpc::TlsFiles tls = authority_.Issue("gatehouse-post");
    absl::StatusOr<std::unique_ptr<Deployment>> started =
        Deployment::Start(Shape::kPost, folder_.path(), [&](gatehouse::runtime::v1::Config& config) {
          config.set_authorization_file(matrix_file_);
          config.mutable_server()->mutable_tls()->set_certificate_file(tls.certificate_file);
          config.mutable_server()->mutable_tls()->set_key_file(tls.key_file);
          config.mutable_server()->mutable_tls()->set_ca_file(tls.ca_file);
          config.mutable_server()->set_max_concurrent_calls_per_machine(kGateCalls);
        });
    ASSERT_TRUE(started.ok()) << started.status();
    deployment_ = *std::move(started);
  }

  Node& post() { return *deployment_->nodes().front(); }
  std::shared_ptr<grpc::Channel> ChannelOf(const rpc::TlsFiles& tls) { return *rpc::Connect(post().address, tls); }
  std::shared_ptr<grpc::Channel> ChannelAs(const std::string& identity) {
    return ChannelOf(authority_.Issue(identity));
  }

  static grpc::Status List(InspectionQueryService::Stub& stub) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    ListInspectionsResponse response;
    return stub.ListInspections(&context, {}, &response);
  }

  // Calls until the answer is no longer OK, and gives that.
  static grpc::Status ListUntilRefused(InspectionQueryService::Stub& stub) {
    const absl::Time end = absl::Now() + absl::Seconds(60);
    grpc::Status status;
    while ((status = List(stub)).ok() && absl::Now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return status;
  }

  static grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, const char* method,
                           const grpc::ByteBuffer& request) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    grpc::ByteBuffer answer;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, method, {}, &request, &answer,
                   [&done](const grpc::Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  // The most memory the post ever had.
  long PeakOfPost_kib() {
    std::ifstream status("/proc/" + std::to_string(post().process->pid()) + "/status");
    std::string line;
    while (std::getline(status, line)) {
      if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    }
    ADD_FAILURE() << "the post is gone";
    return 0;
  }

  testing::TemporaryFolder folder_;
  rpc::TestAuthority authority_;
  const std::string matrix_file_ = folder_.File("matrix.textproto");
  std::string matrix_;
  std::unique_ptr<Deployment> deployment_;
};

TEST_F(CallersTest, ARemovedOfficerIsRefusedOnHisOpenConnection) {
  const auto removed = InspectionQueryService::NewStub(ChannelAs("officer-2"));
  const auto stays = InspectionQueryService::NewStub(ChannelAs("officer-1"));
  ASSERT_TRUE(List(*removed).ok());
  std::string without;
  std::istringstream lines(matrix_);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"officer-2\"") == std::string::npos) without += line + "\n";
  }
  std::ofstream(matrix_file_) << without;
  EXPECT_EQ(ListUntilRefused(*removed).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(List(*stays).ok());

  // A file that is wrong lets nobody in and shuts nobody out; that it is wrong is heard.
  std::ofstream(matrix_file_) << "identities { identity: ";
  const absl::Time end = absl::Now() + absl::Seconds(60);
  while (ReadText(post().folder + "/log").find("authz.matrix") == std::string::npos && absl::Now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_THAT(ReadText(post().folder + "/log"), HasSubstr("authz.matrix"));
  EXPECT_TRUE(List(*stays).ok());
  EXPECT_EQ(List(*removed).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(CallersTest, ACertificateThatExpiresOnAnOpenConnectionIsRefused) {
  const auto stub = InspectionQueryService::NewStub(ChannelOf(authority_.Issue("officer-1", -60, 10)));
  ASSERT_TRUE(List(*stub).ok());
  EXPECT_EQ(ListUntilRefused(*stub).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(List(*InspectionQueryService::NewStub(ChannelAs("officer-1"))).ok());
}

TEST_F(CallersTest, WhoHasNoRightsCostsNoMemory) {
  const grpc::Slice bytes(Repeated(std::string("\x0a\x00", 2), 30 * 1024 * 1024));
  const grpc::ByteBuffer request(&bytes, 1);
  const long before_kib = PeakOfPost_kib();
  const std::shared_ptr<grpc::Channel> stranger = ChannelAs("stranger");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Send(stranger, kBatchScreen, request).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  }
  EXPECT_LT(PeakOfPost_kib() - before_kib, kMaxGrowth_kib);
}

TEST_F(CallersTest, WhoHasRightsIsJudgedByHisBytes) {
  // Empty files of a chip, by the million: eight megabytes that would become some hundred times as much.
  const std::string empty = Repeated(std::string("\x12\x00", 2), 3 * 1024 * 1024);
  std::string document("\x12", 1);
  for (size_t rest = empty.size(); true; rest >>= 7) {
    document += static_cast<char>(rest >= 0x80 ? rest | 0x80 : rest);
    if (rest < 0x80) break;
  }
  const grpc::Slice bytes(document + empty);
  const long before_kib = PeakOfPost_kib();
  const grpc::Status status = Send(ChannelAs("gate-1"), kInspect, grpc::ByteBuffer(&bytes, 1));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(rpc::Reason(rpc::FromGrpc(status)), "TOO_MANY_FIELDS");
  EXPECT_LT(PeakOfPost_kib() - before_kib, kMaxGrowth_kib);
}

TEST_F(CallersTest, OfficersGoOnWhileAGateFloods) {
  inspection::v1::InspectRequest request;
  request.mutable_document()->set_mrz(
      "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10");
  request.set_direction(static_cast<decltype(request.direction())>(1));
  const grpc::Slice bytes(request.SerializeAsString());
  const grpc::ByteBuffer flood(&bytes, 1);
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  std::atomic<int> others{0};
  std::vector<std::thread> gate;
  for (int i = 0; i < 32; ++i) {
    gate.emplace_back([&, channel = ChannelAs("gate-1")] {
      while (!stop) {
        const grpc::Status status = Send(channel, kInspect, flood);
        (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ? refused : others)++;
      }
    });
  }
  while (refused < 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto officer = InspectionQueryService::NewStub(ChannelAs("officer-1"));
  for (int i = 0; i < 30; ++i) {
    const grpc::Status status = List(*officer);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  stop = true;
  for (std::thread& thread : gate) thread.join();
  EXPECT_GT(others, 0) << "the gate has its share";
}

}  // namespace
}  // namespace gatehouse::integration
