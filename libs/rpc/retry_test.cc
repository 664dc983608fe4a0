// What a client sends again by itself, and what stops when nobody waits any more.
#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

#include "libs/base/deadline.h"
#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using RetryTest = RpcTest;

TEST_F(RetryTest, UnavailableFromABodyThatRanIsNotSentAgain) {
  std::atomic<int> runs{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++runs;
    return absl::UnavailableError("the store went away");
  };
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("desk")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(runs, 1);
}

TEST_F(RetryTest, ADoorThatOpensMeanwhileLetsARetriedReadIn) {
  std::atomic<int> runs{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++runs;
    return absl::OkStatus();
  };
  StartServer();
  EXPECT_TRUE(admission_->CloseAndWait(absl::Seconds(1)));
  const auto stub = StubAs("desk");
  std::future<grpc::Status> call = std::async(std::launch::async, [&] { return CallWith(*stub); });
  while (metrics_->Text().find("code=\"UNAVAILABLE\"") == std::string::npos) std::this_thread::yield();
  admission_->Open();
  EXPECT_TRUE(call.get().ok()) << "the body had not run";
  EXPECT_EQ(runs, 1);
}

TEST_F(RetryTest, AnOutcomeNobodyKnowsSaysSo) {
  std::atomic<int> runs{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++runs;
    return absl::UnknownError("connection lost in COMMIT to db-7");
  };
  StartServer();
  const grpc::Status status = CallWith(*StubAs("desk"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(Reason(FromGrpc(status)), "OUTCOME_UNKNOWN");
  EXPECT_EQ(status.error_message().find("db-7"), std::string::npos);
  EXPECT_EQ(runs, 1);
}

// Answers UNAVAILABLE to everything, as a connection that breaks does: with no word about what was done.
class BreakingService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* /*context*/) override {
    ++calls;
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      Reactor() { Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken")); }
      void OnDone() override { delete this; }
    };
    return new Reactor;
  }
  std::atomic<int> calls{0};
};

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

TEST(Retry, OnlyReadingServicesAreAskedAgainWhenNobodyKnowsWhatWasDone) {
  TestAuthority authority;
  const TlsFiles tls = authority.Issue("server");
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ReadText(tls.ca_file);
  options.pem_key_cert_pairs.push_back({ReadText(tls.key_file), ReadText(tls.certificate_file)});
  BreakingService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(options), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
      *Connect("localhost:" + std::to_string(port), authority.Issue("client")));
  const auto calls_of = [&](const std::string& method) {
    service.calls = 0;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::Slice nothing("");
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer answer;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, method, {}, &request, &answer,
                   [&done](const grpc::Status& status) { done.set_value(status); });
    EXPECT_EQ(done.get_future().get().error_code(), grpc::StatusCode::UNAVAILABLE);
    return service.calls.load();
  };
  EXPECT_EQ(calls_of("/gatehouse.watchlist.v1.WatchlistService/Screen"), 3);
  EXPECT_EQ(calls_of("/gatehouse.traveller.v1.CrossingService/RecordCrossing"), 1);
  EXPECT_EQ(calls_of("/gatehouse.inspection.v1.InspectionService/Decide"), 1);
  EXPECT_EQ(calls_of("/gatehouse.document.v1.DocumentService/Verify"), 1) << "it counts what it saw";
  EXPECT_EQ(calls_of("/gatehouse.watchlist.v1.WatchlistAdminService/ImportList"), 1);
}

TEST_F(RetryTest, TheBodyHasTheTimeOfTheCall) {
  base::WorkTime time;
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    time = base::CurrentWorkTime();
    return absl::OkStatus();
  };
  StartServer();
  ASSERT_TRUE(CallWith(*StubAs("desk"), {}, absl::Seconds(20)).ok());
  EXPECT_GT(time.Left(), absl::ZeroDuration());
  EXPECT_LE(time.Left(), absl::Seconds(20) - absl::Milliseconds(50));
  ASSERT_NE(time.cancelled, nullptr);
  EXPECT_FALSE(*time.cancelled);
}

TEST_F(RetryTest, ABodyWhoseCallerWentAwayHearsOfIt) {
  std::promise<absl::Status> heard;
  std::atomic<bool> began{false};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    began = true;
    absl::Status status = base::CheckWorkTime();
    for (int i = 0; i < 3000 && status.ok(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      status = base::CheckWorkTime();
    }
    heard.set_value(status);
    return status;
  };
  StartServer();
  const auto stub = StubAs("desk");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(10));
  ListEventsResponse response;
  std::future<grpc::Status> call =
      std::async(std::launch::async, [&] { return stub->ListEvents(&context, {}, &response); });
  while (!began) std::this_thread::yield();
  context.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(heard.get_future().get().code(), absl::StatusCode::kCancelled);
}

TEST_F(RetryTest, AnOutgoingCallHasNoMoreTimeThanTheWorkItIsFor) {
  const std::unique_ptr<LocalPeer> peer = MakeLocalPeer("toy", "token", base::SystemClock());
  const base::WorkTimeScope scope(base::WorkTime::In(absl::Seconds(5)));
  const auto context = peer->NewContext({}, absl::InfiniteDuration());
  EXPECT_LT(context->deadline(), std::chrono::system_clock::now() + std::chrono::seconds(6));
}

}  // namespace
}  // namespace gatehouse::rpc
