#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <regex>
#include <thread>

#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "gatehouse/runtime/v1/health_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/events/outbox.h"
#include "libs/rpc/error_facts.h"
#include "libs/rpc/errors.h"
#include "libs/runtime/run.h"
#include "libs/runtime/testing.h"
#include "libs/runtime/toy_module.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"

namespace gatehouse::runtime {
namespace {

using event::v1::EventService;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kMatrix[] = R"(
    identities { identity: "officer-1" roles: "officer" person: true }
    identities { identity: "operator" roles: "operator" }
    identities { identity: "caller" roles: "module" may_act_for: true }
    identities { identity: "called" roles: "module" }
    grants { method: "/gatehouse.test.Caller/Ask" roles: "officer" }
    grants { method: "/gatehouse.test.Called/Answer" roles: "module" }
    grants { method: "/gatehouse.runtime.v1.HealthService/GetHealth" roles: "operator" }
    grants { method: "/gatehouse.event.v1.EventService/ListEvents" roles: "operator" })";

std::unique_ptr<TestProcess> MustStart(std::function<void(v1::Config&)> edit = nullptr) {
  absl::StatusOr<std::unique_ptr<TestProcess>> process =
      TestProcess::Start({kCalledToy, kCallerToy}, {.matrix = kMatrix, .edit = std::move(edit)});
  if (!process.ok()) ADD_FAILURE() << process.status();
  return process.ok() ? *std::move(process) : nullptr;
}

std::vector<event::v1::ListEventsResponse::Entry> EventsOf(TestProcess& process, const std::string& service = "") {
  const auto stub = EventService::NewStub(process.ChannelAs("operator"));
  grpc::ClientContext context;
  event::v1::ListEventsRequest request;
  request.set_service(service);
  event::v1::ListEventsResponse response;
  const grpc::Status status = stub->ListEvents(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {response.entries().begin(), response.entries().end()};
}

TEST(Process, ACallGoesFromModuleToModuleOnBehalfOfTheOfficer) {
  const auto process = MustStart();
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(AskToy(process->ChannelAs("officer-1")).value_or("failed"), "caller for officer-1")
      << "the called module sees who calls and for whom";
  EXPECT_THAT(AskToy(process->ChannelAs("operator")), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(Process, FactsAndEventsOutliveARestart) {
  const auto process = MustStart();
  ASSERT_NE(process, nullptr);
  ASSERT_OK(AskToy(process->ChannelAs("officer-1")));
  ASSERT_OK(process->Restart());
  ASSERT_OK(AskToy(process->ChannelAs("officer-1")));
  const auto entries = EventsOf(*process);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].service(), "called");
  EXPECT_LT(entries[0].event().position(), entries[1].event().position());
  EXPECT_FALSE(entries[0].published()) << "there is no broker";
  EXPECT_EQ(EventsOf(*process, "caller").size(), 0u);
}

TEST(Process, WithABrokerEventsArePublishedAndMarkedSo) {
  std::string brokers;
  GH_REQUIRE_SERVER(brokers, testing::RequireKafka());
  const auto process = MustStart([&](v1::Config& config) { config.mutable_kafka()->set_brokers(brokers); });
  ASSERT_NE(process, nullptr);
  ASSERT_OK(AskToy(process->ChannelAs("officer-1")));
  bool published = false;
  for (int i = 0; i < 300 && !published; ++i) {
    published = EventsOf(*process).at(0).published();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(published);
}

TEST(Process, APostgresqlStoreIsMigratedOnlyWhenAsked) {
  std::unique_ptr<testing::TestStore> store;
  GH_REQUIRE_SERVER(store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  testing::TemporaryFolder keys;
  ASSERT_OK(seal::CreateMasterKey(keys.File("seal.key"), base::SystemRandom()));
  const auto use_server = [&](v1::Config& config) {
    v1::ModuleStore& configured = *config.add_stores();
    configured.set_service("called");
    configured.set_dsn(store->dsn());
    v1::ModuleStore& other = *config.add_stores();
    other.set_service("caller");
    other.set_dsn("sqlite:caller.db");
    config.set_seal_key_file(keys.File("seal.key"));
  };
  EXPECT_THAT(TestProcess::Start({kCalledToy, kCallerToy}, {.matrix = kMatrix, .edit = use_server}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("store of called")));
  testing::TemporaryFolder migration;
  v1::Config config;
  config.set_data_dir(migration.File("data"));
  use_server(config);
  ASSERT_OK(MigrateStores(config, {kCalledToy, kCallerToy}));
  const auto process = MustStart(use_server);
  ASSERT_NE(process, nullptr);
  ASSERT_OK(AskToy(process->ChannelAs("officer-1")));
  EXPECT_EQ(EventsOf(*process).size(), 1u);
}

// An operator asks what is wrong just when a store hangs: the calls that wait for it do not hold his.
TEST(Process, HealthIsToldWhileTheStoreHangs) {
  std::unique_ptr<testing::TestStore> store;
  GH_REQUIRE_SERVER(store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  testing::TemporaryFolder folder;
  ASSERT_OK(seal::CreateMasterKey(folder.File("seal.key"), base::SystemRandom()));
  const auto use_server = [&](v1::Config& config) {
    v1::ModuleStore& configured = *config.add_stores();
    configured.set_service("called");
    configured.set_dsn(store->dsn());
    config.set_seal_key_file(folder.File("seal.key"));
  };
  v1::Config config;
  config.set_data_dir(folder.File("data"));
  use_server(config);
  ASSERT_OK(MigrateStores(config, {kCalledToy}));
  ASSERT_OK_AND_ASSIGN(const auto process, TestProcess::Start({kCalledToy}, {.matrix = kMatrix, .edit = use_server}));
  ASSERT_OK_AND_ASSIGN(const auto other, sql::Open({.dsn = store->dsn()}));
  std::promise<void> locked;
  std::promise<void> release;
  auto holder = std::async(std::launch::async, [&] {
    return other->Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(transaction.Execute("LOCK TABLE event_outbox IN ACCESS EXCLUSIVE MODE"));
      GH_RETURN_IF_ERROR(transaction.Query("SELECT 1").status());
      locked.set_value();
      release.get_future().wait();
      return absl::OkStatus();
    });
  });
  locked.get_future().wait();
  const auto channel = process->ChannelAs("operator");
  std::vector<std::future<grpc::Status>> waiting;
  std::vector<grpc::ClientContext> contexts(4);
  for (grpc::ClientContext& context : contexts) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    waiting.push_back(std::async(std::launch::async, [&] {
      event::v1::ListEventsResponse response;
      return EventService::NewStub(channel)->ListEvents(&context, {}, &response);
    }));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // they have the threads
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::GetHealthResponse health;
  const grpc::Status told = v1::HealthService::NewStub(channel)->GetHealth(&context, {}, &health);
  EXPECT_TRUE(told.ok()) << told.error_message();
  for (auto& call : waiting) {
    EXPECT_EQ(call.wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "the store does not hang";
  }
  release.set_value();
  EXPECT_OK(holder.get());
  for (auto& call : waiting) EXPECT_TRUE(call.get().ok());
}

TEST(Process, WhoAsksForPrunedEventsIsToldWhereToGoOn) {
  std::unique_ptr<testing::TestStore> store;
  GH_REQUIRE_SERVER(store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  testing::TemporaryFolder folder;
  ASSERT_OK(seal::CreateMasterKey(folder.File("seal.key"), base::SystemRandom()));
  const auto use_server = [&](v1::Config& config) {
    v1::ModuleStore& configured = *config.add_stores();
    configured.set_service("called");
    configured.set_dsn(store->dsn());
    config.set_seal_key_file(folder.File("seal.key"));
  };
  v1::Config config;
  config.set_data_dir(folder.File("data"));
  use_server(config);
  ASSERT_OK(MigrateStores(config, {kCalledToy}));
  ASSERT_OK_AND_ASSIGN(const auto process, TestProcess::Start({kCalledToy}, {.matrix = kMatrix, .edit = use_server}));
  ASSERT_OK_AND_ASSIGN(const auto other, sql::Open({.dsn = store->dsn()}));
  ASSERT_OK(events::MoveCursor(*other, events::kPrunedCursor, 7));
  event::v1::ListEventsRequest request;
  request.set_service("called");
  const auto told = process->Call<EventService>("operator", &EventService::Stub::ListEvents, request);
  EXPECT_THAT(told, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(rpc::Reason(told.status()), "EVENTS_PRUNED");
  EXPECT_EQ(rpc::Fact(told.status(), "service"), "called");
  EXPECT_EQ(rpc::Fact(told.status(), "position"), "7");
  request.set_after_position(7);
  EXPECT_OK(process->Call<EventService>("operator", &EventService::Stub::ListEvents, request));
}

TEST(Process, EventsOfAServiceThatIsNotHereAreRefused) {
  const auto process = MustStart();
  ASSERT_NE(process, nullptr);
  const auto stub = EventService::NewStub(process->ChannelAs("operator"));
  const auto refusal = [&](const event::v1::ListEventsRequest& request) {
    grpc::ClientContext context;
    event::v1::ListEventsResponse response;
    const auto violations = rpc::Violations(rpc::FromGrpc(stub->ListEvents(&context, request, &response)));
    return violations.empty() ? "" : violations.front().field;
  };
  event::v1::ListEventsRequest request;
  request.set_service("visa");
  EXPECT_EQ(refusal(request), "service");
  request.clear_service();
  request.set_page_size(1001);
  EXPECT_EQ(refusal(request), "page_size");
  request.clear_page_size();
  request.set_after_position(-1);
  EXPECT_EQ(refusal(request), "after_position");
  request.set_after_position(1);
  EXPECT_EQ(refusal(request), "after_position") << "a position is of one service";
}

TEST(Process, DrainLetsTheCallInFlightReachTheOtherModule) {
  const auto process = MustStart();
  ASSERT_NE(process, nullptr);
  ToyGate gate;  // holds the caller before it asks the other module
  const auto channel = process->ChannelAs("officer-1");
  std::future<absl::StatusOr<std::string>> answer = std::async(std::launch::async, [&] { return AskToy(channel); });
  gate.AwaitArrival();
  std::future<bool> drained = std::async(std::launch::async, [&] { return process->process().Drain(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  gate.Open();
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(answer.get().value_or("failed"), "caller for officer-1");
}

// The port is shut by then: that nobody is heard there is no reason to end before the calls have.
TEST(Process, ADrainMayTakeLongerThanThePortMayBeDeaf) {
  const auto process = MustStart([](v1::Config& config) {
    config.mutable_server()->set_drain_timeout_ms(60'000);
    config.mutable_server()->set_deaf_exit_s(1);
  });
  ASSERT_NE(process, nullptr);
  ToyGate gate;
  const auto channel = process->ChannelAs("officer-1");
  std::future<absl::StatusOr<std::string>> answer = std::async(std::launch::async, [&] { return AskToy(channel); });
  gate.AwaitArrival();
  std::future<bool> drained = std::async(std::launch::async, [&] { return process->process().Drain(); });
  std::this_thread::sleep_for(std::chrono::seconds(5));  // the port is asked every other second
  gate.Open();
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(answer.get().value_or("failed"), "caller for officer-1");
}

TEST(Process, ADrainThatRunsOutOfTimeTearsNothingDown) {
  const auto process = MustStart([](v1::Config& config) { config.mutable_server()->set_drain_timeout_ms(50); });
  ASSERT_NE(process, nullptr);
  ToyGate gate;
  const auto channel = process->ChannelAs("officer-1");
  std::future<absl::StatusOr<std::string>> answer = std::async(std::launch::async, [&] { return AskToy(channel); });
  gate.AwaitArrival();
  EXPECT_FALSE(process->process().Drain());
  gate.Open();
  EXPECT_EQ(answer.get().value_or("failed"), "caller for officer-1");
  EXPECT_TRUE(process->process().Drain());
}

TEST(Process, ASecondProcessOnTheSameDataFolderIsRefused) {
  const auto process = MustStart();
  ASSERT_NE(process, nullptr);
  const absl::StatusOr<std::unique_ptr<TestProcess>> second = TestProcess::Start(
      {kCalledToy}, {.matrix = kMatrix, .edit = [&](v1::Config& config) { config.set_data_dir(process->data_dir()); }});
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("is in use by process " + std::to_string(getpid()))));
}

TEST(Process, ALostMasterKeyIsSaidAndNotReplaced) {
  testing::TemporaryFolder keys;
  const auto process = MustStart([&](v1::Config& config) { config.set_seal_key_file(keys.File("new/seal.key")); });
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(process->process().Drain());
  ASSERT_TRUE(std::filesystem::remove(keys.File("new/seal.key"))) << "made with the first start";
  EXPECT_THAT(process->Restart(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("restore the key")));
  EXPECT_FALSE(std::filesystem::exists(keys.File("new/seal.key")));
}

TEST(Process, AModuleThatCannotReachItsPeerSaysWhatToDo) {
  const absl::StatusOr<std::unique_ptr<TestProcess>> alone = TestProcess::Start({kCallerToy}, {.matrix = kMatrix});
  EXPECT_THAT(alone, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("name its address in `peers`")));
}

TEST(Process, PeersInAnotherProcessAreReachedOverTheNetwork) {
  rpc::TestAuthority shared;
  const auto use_shared = [&](v1::Config& config, const std::string& identity) {
    config.set_name(identity);
    const rpc::TlsFiles tls = shared.Issue(identity);
    config.mutable_server()->mutable_tls()->set_certificate_file(tls.certificate_file);
    config.mutable_server()->mutable_tls()->set_key_file(tls.key_file);
    config.mutable_server()->mutable_tls()->set_ca_file(tls.ca_file);
  };
  ASSERT_OK_AND_ASSIGN(const auto called,
                       TestProcess::Start({kCalledToy}, {.matrix = kMatrix, .edit = [&](v1::Config& config) {
                                                           use_shared(config, "called");
                                                         }}));
  ASSERT_OK_AND_ASSIGN(
      const auto caller,
      TestProcess::Start({kCallerToy}, {.matrix = kMatrix, .edit = [&](v1::Config& config) {
                                          use_shared(config, "caller");
                                          v1::Peer& peer = *config.add_peers();
                                          peer.set_service("called");
                                          peer.set_address("localhost:" + std::to_string(called->process().port()));
                                        }}));
  const auto channel =
      *rpc::Connect("localhost:" + std::to_string(caller->process().port()), shared.Issue("officer-1"));
  EXPECT_EQ(AskToy(channel).value_or("failed"), "caller for officer-1");
}

constexpr char kAsProcess[] = "--as-gatehouse-process";

// Run itself, as a child (see main): signals, the port file and the exit code.
class RunTest : public ::testing::Test {
 protected:
  pid_t Spawn(const std::string& server_fields = "", const std::string& fields = "") {
    const rpc::TlsFiles tls = authority_.Issue("gatehouse-test");
    std::ofstream(folder_.File("matrix.textproto")) << kMatrix;
    std::ofstream(folder_.File("gatehouse.textproto"))
        << "name: 'gatehouse-test'\nserver { listen: 'localhost:0' port_file: '" << folder_.File("port") << "' "
        << server_fields << " tls { certificate_file: '" << tls.certificate_file << "' key_file: '" << tls.key_file
        << "' ca_file: '" << tls.ca_file << "' } }\ndata_dir: '" << folder_.File("data") << "'\nauthorization_file: '"
        << folder_.File("matrix.textproto") << "'\nseal_key_file: '" << folder_.File("seal.key") << "'\n"
        << fields;
    const std::string config = folder_.File("gatehouse.textproto");
    const pid_t child = fork();
    if (child == 0) {
      const rlimit files{.rlim_cur = file_limit_, .rlim_max = file_limit_};
      if (file_limit_ > 0) setrlimit(RLIMIT_NOFILE, &files);
      for (int stream = 0; close_streams_ && stream <= STDERR_FILENO; ++stream) close(stream);
      execl("/proc/self/exe", "gatehouse-test", kAsProcess, "--config", config.c_str(), nullptr);
      _exit(127);
    }
    return child;
  }

  // 0 when the process ended or took too long.
  int AwaitPort(pid_t child) {
    for (int i = 0; i < 1000; ++i) {
      int port = 0;
      if (std::ifstream(folder_.File("port")) >> port) return port;
      if (waitpid(child, nullptr, WNOHANG) != 0) return 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return 0;
  }

  static int ExitCode(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  bool close_streams_ = false;
  rlim_t file_limit_ = 0;  // 0: as ours
  testing::TemporaryFolder folder_;
  rpc::TestAuthority authority_;
};

TEST_F(RunTest, ServesUntilSigtermAndRefusesASecondProcess) {
  const pid_t first = Spawn("metrics_listen: 'localhost:0'");
  const int port = AwaitPort(first);
  ASSERT_GT(port, 0);
  const auto channel = *rpc::Connect("localhost:" + std::to_string(port), authority_.Issue("officer-1"));
  EXPECT_EQ(AskToy(channel).value_or("failed"), "caller for officer-1");

  EXPECT_EQ(ExitCode(Spawn()), 1) << "the data folder is taken";
  EXPECT_TRUE(std::filesystem::exists(folder_.File("port"))) << "and the refused one touches nothing";

  kill(first, SIGTERM);
  EXPECT_EQ(ExitCode(first), 0);

  const pid_t again = Spawn();
  EXPECT_GT(AwaitPort(again), 0) << "a clean end leaves nothing in the way";
  kill(again, SIGINT);
  EXPECT_EQ(ExitCode(again), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.File("port")));
}

// A line of a file of /proc that begins with `key`.
std::string LineOf(const std::string& file, const std::string& key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(key)) return line;
  }
  return "";
}

TEST_F(RunTest, WritesNoCoreDumpUnlessAskedAndOutlivesABrokenPipe) {
  for (const bool allowed : {false, true}) {
    const pid_t child = Spawn("", allowed ? "allow_core_dumps: true" : "");
    ASSERT_GT(AwaitPort(child), 0);
    const std::string proc = "/proc/" + std::to_string(child);
    const std::string limit = LineOf(proc + "/limits", "Max core file size");
    const bool none = std::regex_search(limit, std::regex("size +0 +0 +bytes"));
    EXPECT_NE(none, allowed) << limit;
    const uint64_t ignored = std::stoull(LineOf(proc + "/status", "SigIgn:").substr(7), nullptr, 16);
    EXPECT_NE(ignored & (uint64_t{1} << (SIGPIPE - 1)), 0u);
    kill(child, SIGTERM);
    EXPECT_EQ(ExitCode(child), 0);
  }
}

TEST_F(RunTest, AClosedStderrGetsNoDatabaseInItsPlace) {
  close_streams_ = true;
  const pid_t child = Spawn();
  ASSERT_GT(AwaitPort(child), 0);
  for (const char* stream : {"0", "1", "2"}) {
    const std::string fd = "/proc/" + std::to_string(child) + "/fd/" + stream;
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(fd))) << fd;
    EXPECT_FALSE(std::filesystem::is_regular_file(fd)) << std::filesystem::read_symlink(fd);
  }
  kill(child, SIGTERM);
  EXPECT_EQ(ExitCode(child), 0);
}

// More silent sockets than the process may have files, for a second.
TEST_F(RunTest, AFloodUnderALowFileLimitLeavesNobodyDeaf) {
  constexpr rlim_t kFewFiles = 1024;
  constexpr int kSilent = 1100;
  rlimit ours{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &ours), 0);
  ours.rlim_cur = std::min<rlim_t>(ours.rlim_max, 4096);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &ours), 0);
  ASSERT_GT(ours.rlim_cur, kSilent + 100u);
  file_limit_ = kFewFiles;
  const pid_t child = Spawn("handshake_timeout_ms: 2000");
  const int port = AwaitPort(child);
  ASSERT_GT(port, 0);
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = in6addr_loopback;
  to.sin6_port = htons(static_cast<uint16_t>(port));
  std::vector<int> silent;
  for (int i = 0; i < kSilent; ++i) {
    silent.push_back(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    (void)connect(silent.back(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  for (const int fd : silent) close(fd);
  const auto channel = *rpc::Connect("localhost:" + std::to_string(port), authority_.Issue("officer-1"));
  absl::StatusOr<std::string> answer;
  for (int i = 0; i < 60 && !answer.ok(); ++i) {
    answer = AskToy(channel);
    if (!answer.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  EXPECT_EQ(answer.value_or("failed"), "caller for officer-1");
  kill(child, SIGTERM);
  EXPECT_EQ(ExitCode(child), 0);
}

TEST_F(RunTest, AfterKillNineItStartsAgain) {
  const pid_t first = Spawn();
  ASSERT_GT(AwaitPort(first), 0);
  kill(first, SIGKILL);
  EXPECT_EQ(ExitCode(first), -SIGKILL);
  std::filesystem::remove(folder_.File("port"));
  const pid_t again = Spawn();
  EXPECT_GT(AwaitPort(again), 0);
  kill(again, SIGTERM);
  EXPECT_EQ(ExitCode(again), 0);
}

}  // namespace

// The test binary is also the process under test.
static int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == kAsProcess) return Run(argc - 1, argv + 1, {kCalledToy, kCallerToy});
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace gatehouse::runtime

int main(int argc, char** argv) { return gatehouse::runtime::Main(argc, argv); }
