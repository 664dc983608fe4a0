// Calls of the network are judged by their headers: certificate, matrix, at each call.
#include "libs/rpc/gatekeeper.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <future>
#include <thread>

#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

class GatekeeperTest : public RpcTest {
 protected:
  GatekeeperTest() {
    service_.body = [this](Call& call, const ListEventsRequest&, ListEventsResponse&) {
      seen_ = call.principal().identity;
      return absl::OkStatus();
    };
  }
  grpc::StatusCode CodeOf(const TlsFiles& tls) { return CallWith(*StubOf(tls)).error_code(); }
  std::string seen_;
};

TEST_F(GatekeeperTest, TheUriNamesTheHolderAndNothingElseDoes) {
  StartServer();
  EXPECT_EQ(CodeOf(authority_.IssueNamed("officer-anna", "URI:gatehouse:desk")), grpc::StatusCode::OK);
  EXPECT_EQ(seen_, "desk") << "the common name counts for nothing";
  EXPECT_EQ(CodeOf(authority_.IssueNamed("officer-anna", "")), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CodeOf(authority_.IssueNamed("officer-anna", "DNS:officer-anna")), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CodeOf(authority_.IssueNamed("officer-anna", "URI:gatehouse:officer-anna,URI:gatehouse:inspection")),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CodeOf(authority_.IssueNamed("officer-anna", "URI:spiffe://gatehouse/officer-anna")),
            grpc::StatusCode::UNAUTHENTICATED);
  for (const audit::Leaf& leaf : audit_.leaves()) {
    EXPECT_EQ(leaf.kind, audit::Kind::kRefusal);
    EXPECT_THAT(leaf.identity, HasSubstr("certificate:")) << "whose it was can be found";
  }
  EXPECT_EQ(audit_.leaves().size(), 4u);
}

TEST_F(GatekeeperTest, ACertificateThatExpiresOnAnOpenConnectionIsRefusedAtTheNextCall) {
  StartServer();
  const auto stub = StubOf(authority_.Issue("desk", -60, 4));
  ASSERT_TRUE(CallWith(*stub).ok()) << "still valid";
  grpc::Status status;
  const absl::Time end = absl::Now() + absl::Seconds(30);
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    status = CallWith(*stub);
  } while (status.ok() && absl::Now() < end);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("expired"));
}

TEST_F(GatekeeperTest, ARemovedIdentityOnAnOpenConnectionIsRefusedAtTheNextCall) {
  StartServer();
  const auto stub = StubAs("desk");
  ASSERT_TRUE(CallWith(*stub).ok());
  WriteMatrix(R"(identities { identity: "officer-anna" roles: "officer" }
                 grants { method: "/gatehouse.event.v1.EventService/ListEvents" roles: "officer" })");
  ASSERT_TRUE(matrix_->Reread().ok());
  EXPECT_EQ(CallWith(*stub).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(CallWith(*StubAs("officer-anna")).ok());
}

TEST_F(GatekeeperTest, AMethodThatNobodyWasGrantedIsNoWordForTheLog) {
  StartServer();
  const auto channel = Connect(address(), authority_.Issue("stranger"));
  ASSERT_TRUE(channel.ok());
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(*channel);
  for (const std::string& path : {std::string("/invented.v1.Service/Method"), std::string(kListEvents)}) {
    grpc::ClientContext context;
    const grpc::Slice empty("");
    grpc::ByteBuffer request(&empty, 1);
    grpc::ByteBuffer response;
    std::promise<void> done;
    stub.UnaryCall(&context, path, {}, &request, &response, [&](const grpc::Status&) { done.set_value(); });
    done.get_future().wait();
  }
  const std::vector<audit::Leaf> leaves = audit_.leaves();
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(leaves[0].verb, "(no method)");
  EXPECT_EQ(leaves[1].verb, kListEvents);
}

TEST_F(GatekeeperTest, ARefusalIsWrittenBeforeItIsAnsweredAndByAThreadOfItsOwn) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<bool> running{false};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    running = true;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/1, /*queue_bound=*/1);
  // The only thread of the pool and its queue are taken, in this order: two at once might both want the queue.
  const auto desk = StubAs("desk");
  std::vector<std::future<grpc::Status>> taken;
  taken.push_back(std::async(std::launch::async, [&] { return CallWith(*desk); }));
  while (!running) std::this_thread::yield();
  taken.push_back(std::async(std::launch::async, [&] { return CallWith(*desk); }));
  while (metrics_->Text().find("gatehouse_toy_calls_in_flight 2") == std::string::npos) std::this_thread::yield();
  const grpc::Status refused = CallWith(*StubAs("stranger"));
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED) << refused.error_message();
  ASSERT_EQ(audit_.leaves().size(), 1u);
  EXPECT_EQ(audit_.leaves()[0].identity, "stranger");
  EXPECT_THAT(metrics_->Text(), HasSubstr("gatehouse_runtime_refused_calls_total 1"));
  open.set_value();
  for (std::future<grpc::Status>& call : taken) EXPECT_TRUE(call.get().ok());
}

// What a caller without rights sends is not read: gRPC would need it whole before a handler could refuse it.
TEST_F(GatekeeperTest, ARefusedCallIsAnsweredBeforeItsMessageIsThere) {
  StartServer();
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
      *Connect(address(), authority_.Issue("stranger")));
  class Headers final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    void OnDone(const grpc::Status& status) override { done.set_value(status); }
    std::promise<grpc::Status> done;
  };
  Headers reactor;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  stub.PrepareBidiStreamingCall(&context, kListEvents, {}, &reactor);
  reactor.StartCall();  // the headers, and never a message
  EXPECT_EQ(reactor.done.get_future().get().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

// Through the door, and the store is slow: what the desk has in flight takes half of the threads, not all of them.
TEST_F(GatekeeperTest, AnIdentityHasItsShareOfTheThreadsToo) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    if (call.principal().identity != "desk") return absl::OkStatus();
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/4, /*queue_bound=*/64);
  const auto desk = StubAs("desk");
  std::vector<std::future<grpc::Status>> flood;
  for (int i = 0; i < 12; ++i) {
    flood.push_back(std::async(std::launch::async, [&] { return CallWith(*desk, {}, /*timeout=*/absl::Seconds(60)); }));
  }
  while (metrics_->Text().find("gatehouse_toy_calls_in_flight 12") == std::string::npos) std::this_thread::yield();
  while (running < 2) std::this_thread::yield();
  const auto anna = StubAs("officer-anna");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(CallWith(*anna).ok()) << i;
  EXPECT_EQ(running, 2) << "half of the threads";
  open.set_value();
  for (std::future<grpc::Status>& call : flood) EXPECT_TRUE(call.get().ok());
  EXPECT_EQ(running, 12) << "what its share held back ran";
}

TEST_F(GatekeeperTest, AnIdentityHasItsShareAndTheOfficersGoOn) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    if (call.principal().identity != "desk") return absl::OkStatus();
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  MakeHost(/*threads=*/8, /*queue_bound=*/64, {.calls = 8, .calls_of_machine = 3, .calls_of_person = 2});
  service_.host = host_.get();
  ListenFor(service_);
  std::vector<std::future<grpc::Status>> flood;
  std::vector<std::unique_ptr<EventService::Stub>> stubs;
  for (int i = 0; i < 3; ++i) {
    stubs.push_back(StubAs("desk"));  // over connections of its own
    flood.push_back(std::async(std::launch::async, [&, i] { return CallWith(*stubs[i]); }));
  }
  while (running < 3) std::this_thread::yield();
  const grpc::Status fourth = CallWith(*StubAs("desk"));
  EXPECT_EQ(fourth.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Reason(FromGrpc(fourth)), "SHARE_OF_IDENTITY_IN_USE");
  const auto anna = StubAs("officer-anna");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(CallWith(*anna).ok());
  open.set_value();
  for (std::future<grpc::Status>& call : flood) EXPECT_TRUE(call.get().ok());
}

}  // namespace
}  // namespace gatehouse::rpc
