#include "libs/rpc/server.h"

#include <gmock/gmock.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

using ServerTest = RpcTest;

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class FloodedServerTest : public RpcTest {
 protected:
  // As a client that tries again: false when nobody serves it in half a minute.
  bool CallUntilServed(EventService::Stub& stub) {
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (absl::Now() < until) {
      if (CallWith(stub, {}, absl::Seconds(2)).ok()) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
};

TEST_F(ServerTest, AClientWithoutCertificateIsRefused) {
  StartServer();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadText(authority_.Issue("desk").ca_file);
  const auto stub = EventService::NewStub(grpc::CreateChannel(address(), grpc::SslCredentials(options)));
  EXPECT_EQ(CallWith(*stub, {}, absl::Seconds(3)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, AnInsecureClientIsRefused) {
  StartServer();
  const auto stub = EventService::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  EXPECT_EQ(CallWith(*stub, {}, absl::Seconds(3)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, ACertificateOfAnotherAuthorityIsRefused) {
  StartServer();
  TestAuthority other;
  TlsFiles forged = other.Issue("officer-anna");
  forged.ca_file = authority_.Issue("desk").ca_file;  // it trusts the server, the server does not trust it
  EXPECT_EQ(CallWith(*StubOf(forged), {}, absl::Seconds(3)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, AServerOfAnotherAuthorityIsRefused) {
  StartServer();
  TestAuthority other;
  TlsFiles tls = authority_.Issue("desk");
  tls.ca_file = other.Issue("desk").ca_file;
  EXPECT_EQ(CallWith(*StubOf(tls), {}, absl::Seconds(3)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, APortThatIsTakenIsSaid) {
  StartServer();
  const absl::StatusOr<std::unique_ptr<Server>> second =
      Server::Start({.listen = address(), .tls = authority_.Issue("toy")}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(address()));
}

TEST_F(ServerTest, BadTlsFilesAreSaidByName) {
  const auto reason = [](const TlsFiles& tls) {
    const absl::Status status = Server::Start({.listen = "localhost:0", .tls = tls}, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  const TlsFiles good = authority_.Issue("toy");
  TlsFiles bad = good;
  bad.certificate_file = "/nowhere/toy.crt";
  EXPECT_THAT(reason(bad), HasSubstr("/nowhere/toy.crt"));
  bad = good;
  bad.key_file = authority_.Issue("desk").key_file;
  EXPECT_THAT(reason(bad), HasSubstr("not the key"));
  bad = good;
  bad.ca_file = good.key_file;
  EXPECT_THAT(reason(bad), HasSubstr("no PEM certificate"));
  EXPECT_THAT(reason(authority_.Issue("old", -100, -10)), HasSubstr("expired"));
}

TEST_F(ServerTest, RenewedCertificatesAreUsedAndBrokenOnesAreNot) {
  StartServer();
  const TlsFiles tls = authority_.Issue("toy");  // renews the server's files
  ASSERT_TRUE(CallWith(*StubAs("desk")).ok());
  std::ofstream(tls.certificate_file) << "half a certifi";
  EXPECT_TRUE(CallWith(*StubOf(authority_.Issue("officer-anna"))).ok()) << "the last good pair serves on";
  authority_.Issue("toy");
  EXPECT_TRUE(CallWith(*StubOf(authority_.Issue("inspection"))).ok());
}

// Debian 12 packages no health proto; these two have its wire form: {} and {enum status = 1}. What is not OK is told by
// its negative code.
int HealthOf(const std::shared_ptr<grpc::Channel>& channel,
             const std::string& method = "/grpc.health.v1.Health/Check") {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::TemplatedGenericStub<google::protobuf::Empty, google::protobuf::Int32Value> stub(channel);
  google::protobuf::Empty request;
  google::protobuf::Int32Value response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  return status.ok() ? response.value() : -static_cast<int>(status.error_code());
}

TEST_F(ServerTest, HealthIsBehindTheSameDoorAndTheMatrix) {
  StartServer();
  constexpr int kServing = 1;
  constexpr int kNotServing = 2;
  const std::shared_ptr<grpc::Channel> channel = *Connect(address(), authority_.Issue("desk"));
  EXPECT_EQ(HealthOf(channel), kServing);
  server_->SetServing(false);
  EXPECT_EQ(HealthOf(channel), kNotServing);
  EXPECT_EQ(HealthOf(*Connect(address(), authority_.Issue("toy"))), -grpc::StatusCode::PERMISSION_DENIED);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadText(authority_.Issue("desk").ca_file);
  EXPECT_EQ(HealthOf(grpc::CreateChannel(address(), grpc::SslCredentials(options))), -grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, ReflectionAndMethodsThatAreNoneAreNotGranted) {
  StartServer();
  const std::shared_ptr<grpc::Channel> channel = *Connect(address(), authority_.Issue("desk"));
  for (const char* method : {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                             "/gatehouse.event.v1.EventService/Nothing", "/x/y", "/ERIKSSON ANNA/y"}) {
    EXPECT_EQ(HealthOf(channel, method), -grpc::StatusCode::PERMISSION_DENIED) << method;
  }
  const std::vector<audit::Leaf> leaves = audit_.leaves();
  ASSERT_EQ(leaves.size(), 4u);
  EXPECT_EQ(leaves[0].kind, audit::Kind::kRefusal);
  EXPECT_EQ(leaves[0].identity, "desk");
  EXPECT_EQ(leaves[0].verb, "(no method)") << "no grant knows it, so it may be made up";
  EXPECT_EQ(leaves[3].verb, "(no method)") << "a path may be anything";
}

TEST_F(ServerTest, DrainLetsCallsFinishAndTakesNoNewOnes) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    if (call.principal().in_process) return absl::OkStatus();
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer();
  const auto stub = StubAs("desk");
  std::future<grpc::Status> in_flight = std::async(std::launch::async, [&] { return CallWith(*stub); });
  while (running == 0) std::this_thread::yield();

  EXPECT_FALSE(server_->Drain(absl::Milliseconds(50))) << "one call is in flight";
  EXPECT_EQ(CallWith(*stub, {}, absl::Seconds(5)).error_code(), grpc::StatusCode::UNAVAILABLE);
  {
    const std::unique_ptr<LocalPeer> peer = MakeLocalPeer("inspection", "the-token-of-this-start", base::SystemClock());
    peer->Attach(server_->InProcess());
    const auto context = peer->NewContext({}, absl::Seconds(5));
    ListEventsResponse response;
    EXPECT_TRUE(EventService::NewStub(peer->channel())->ListEvents(context.get(), {}, &response).ok())
        << "the call in flight may need another module";
  }
  std::future<bool> drained = std::async(std::launch::async, [&] { return server_->Drain(absl::Seconds(10)); });
  open.set_value();
  EXPECT_TRUE(drained.get());
  EXPECT_TRUE(in_flight.get().ok());
}

TEST_F(ServerTest, TheDoorBoundsCallsOfAllConnections) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/4, /*queue_bound=*/64, /*max_calls=*/2);
  std::vector<std::unique_ptr<EventService::Stub>> stubs;
  std::vector<std::future<grpc::Status>> calls;
  for (int i = 0; i < 2; ++i) {
    stubs.push_back(StubAs("desk"));
    calls.push_back(std::async(std::launch::async, [&, i] { return CallWith(*stubs[i]); }));
  }
  while (running < 2) std::this_thread::yield();
  EXPECT_EQ(CallWith(*StubAs("officer-anna")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  open.set_value();
  for (std::future<grpc::Status>& call : calls) EXPECT_TRUE(call.get().ok());
}

// Silent sockets without a certificate take their address's share, until the handshake's time is over.
TEST_F(FloodedServerTest, AFloodOfSilentConnectionsDoesNotMakeItDeaf) {
  MakeHost();
  service_.host = host_.get();
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start({.listen = "127.0.0.1:0",
                                                                  .tls = authority_.Issue("toy"),
                                                                  .admission = admission_.get(),
                                                                  .max_connections = 40,
                                                                  .max_unproven_of_address = 8,
                                                                  .handshake_timeout = absl::Milliseconds(500)},
                                                                 {&service_});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  admission_->Open();
  std::vector<int> silent;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(server_->port()));
  for (int i = 0; i < 100; ++i) {
    silent.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    (void)connect(silent.back(), reinterpret_cast<const sockaddr*>(&to), sizeof to);  // a reset may be there already
  }
  while (server_->connections().refused < 92) std::this_thread::yield();
  EXPECT_LE(server_->connections().open, 8);
  EXPECT_TRUE(server_->ProbePort(absl::Seconds(30)).ok()) << "full is not deaf";
  EXPECT_TRUE(CallUntilServed(*StubAs("desk"))) << "while the silent ones still hold on";
  for (const int fd : silent) close(fd);
}

TEST_F(ServerTest, ANetworkPeerForwardsWhomItServesAndTheSoonerDeadline) {
  authz::Principal seen;
  absl::Duration left;
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    seen = call.principal();
    left = call.deadline() - absl::Now();
    return absl::OkStatus();
  };
  StartServer();
  const std::unique_ptr<Peer> peer =
      MakeNetworkPeer(*Connect(address(), authority_.Issue("inspection")), base::SystemClock());
  const auto context = peer->NewContext(
      {.officer = "officer-anna", .purpose = "p", .deadline = absl::Now() + absl::Seconds(2)}, absl::Seconds(30));
  ListEventsResponse response;
  ASSERT_TRUE(EventService::NewStub(peer->channel())->ListEvents(context.get(), {}, &response).ok());
  EXPECT_EQ(seen.identity, "inspection");
  EXPECT_EQ(seen.officer, "officer-anna");
  EXPECT_LT(left, absl::Seconds(2));
}

}  // namespace
}  // namespace gatehouse::rpc
