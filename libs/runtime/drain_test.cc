// The end of a process under load: who was taken in is answered, who comes later turns elsewhere, nothing crashes.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/runtime/testing.h"
#include "libs/runtime/toy_module.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::runtime {
namespace {

constexpr int kRounds = 20;
constexpr int kDesks = 8;

constexpr char kMatrix[] = R"(
    identities { identity: "officer-1" roles: "officer" person: true }
    identities { identity: "caller" roles: "module" may_act_for: true }
    identities { identity: "called" roles: "module" }
    identities { identity: "operator" roles: "operator" }
    grants { method: "/gatehouse.event.v1.EventService/ListEvents" roles: "operator" }
    grants { method: "/gatehouse.test.Caller/Ask" roles: "officer" }
    grants { method: "/gatehouse.test.Called/Answer" roles: "module" })";

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

int CountEvents(TestProcess& process) {
  int count = 0;
  event::v1::ListEventsRequest request;
  request.set_service("called");
  request.set_page_size(1000);
  while (true) {
    const auto page =
        process.Call<event::v1::EventService>("operator", &event::v1::EventService::Stub::ListEvents, request);
    EXPECT_OK(page);
    if (!page.ok() || page->entries().empty()) return count;
    count += page->entries_size();
    request.set_after_position(page->entries().rbegin()->event().position());
  }
}

TEST(Drain, UnderLoadAnswersWhatItTookInAndNeverCrashes) {
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_OK_AND_ASSIGN(const auto process, TestProcess::Start({kCalledToy, kCallerToy}, {.matrix = kMatrix}));
    std::atomic<int> answered = 0;
    std::atomic<bool> over = false;
    std::vector<std::thread> desks;
    for (int desk = 0; desk < kDesks; ++desk) {
      desks.emplace_back([&, channel = process->ChannelAs("officer-1")] {
        while (!over) {
          const absl::StatusOr<std::string> answer = AskToy(channel);
          if (!answer.ok()) {
            // CANCELLED: it came in the moment between the goodbye and the end of the connection.
            EXPECT_TRUE(absl::IsUnavailable(answer.status()) || absl::IsCancelled(answer.status())) << answer.status();
            return;
          }
          EXPECT_EQ(*answer, "caller for officer-1");
          ++answered;
        }
      });
    }
    while (answered < kDesks * 2) std::this_thread::yield();
    EXPECT_TRUE(process->process().Drain()) << "round " << round;
    over = true;
    for (std::thread& desk : desks) desk.join();
    // Each call that ran left one event, and its caller was told so.
    ASSERT_OK(process->Restart());
    EXPECT_EQ(CountEvents(*process), answered);
  }
}

TEST(Drain, SendsClientsElsewhere) {
  rpc::TestAuthority shared;
  const auto start = [&] {
    return TestProcess::Start({kCalledToy, kCallerToy},
                              {.matrix = kMatrix, .edit = [&](v1::Config& config) {
                                 const rpc::TlsFiles tls = shared.Issue("gatehouse-test");
                                 config.mutable_server()->set_listen("127.0.0.1:0");
                                 config.mutable_server()->mutable_tls()->set_certificate_file(tls.certificate_file);
                                 config.mutable_server()->mutable_tls()->set_key_file(tls.key_file);
                                 config.mutable_server()->mutable_tls()->set_ca_file(tls.ca_file);
                               }});
  };
  ASSERT_OK_AND_ASSIGN(const auto first, start());
  ASSERT_OK_AND_ASSIGN(const auto second, start());
  const rpc::TlsFiles tls = shared.Issue("officer-1");
  grpc::SslCredentialsOptions credentials;
  credentials.pem_root_certs = ReadText(tls.ca_file);
  credentials.pem_private_key = ReadText(tls.key_file);
  credentials.pem_cert_chain = ReadText(tls.certificate_file);
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const std::string target = "ipv4:127.0.0.1:" + std::to_string(first->process().port()) +
                             ",127.0.0.1:" + std::to_string(second->process().port());
  const auto channel = grpc::CreateCustomChannel(target, grpc::SslCredentials(credentials), arguments);
  ASSERT_OK(AskToy(channel)) << "by the first";
  ASSERT_TRUE(first->process().Drain());
  EXPECT_OK(AskToy(channel)) << "the first said goodbye, and the client went on to the second";
}

}  // namespace
}  // namespace gatehouse::runtime
