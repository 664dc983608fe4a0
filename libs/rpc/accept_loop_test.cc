#include "libs/rpc/accept_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::rpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

ListeningSockets MustListen(const std::string& address) {
  absl::StatusOr<ListeningSockets> sockets = ListeningSockets::Open(address);
  GH_CHECK(sockets.ok());
  return *std::move(sockets);
}

// Sockets that are closed with the test.
class Sockets {
 public:
  ~Sockets() { CloseAll(); }
  int Add(int fd) {
    std::lock_guard lock(mutex_);
    fds_.push_back(fd);
    return fd;
  }
  void CloseAll() {
    std::lock_guard lock(mutex_);
    for (const int fd : fds_) close(fd);
    fds_.clear();
  }
  size_t size() {
    std::lock_guard lock(mutex_);
    return fds_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<int> fds_;
};

int NewSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

void Connect(int fd, int port) {
  SocketAddress to;
  to.storage.ss_family = AF_INET;
  reinterpret_cast<sockaddr_in*>(&to.storage)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.set_port(port);
  (void)connect(fd, to.get(), sizeof(sockaddr_in));  // who is refused may hear so before connect returns
}

// The server ended it.
bool IsEnded(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) > 0;
}

bool Eventually(const std::function<bool()>& is_true) {
  const absl::Time until = absl::Now() + kPatience;
  while (!is_true()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

TEST(AcceptLoopTest, OneAddressHasItsShareAndTheOthersGetIn) {
  Sockets taken;
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  const int port = sockets.port();
  AcceptLoop loop(std::move(sockets), {.all = 100, .unproven_of_address = 5, .proving = absl::Hours(1)},
                  [&](int, int fd) { taken.Add(fd); });
  loop.Start();
  Sockets clients;
  for (int i = 0; i < 50; ++i) Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return loop.counts().refused >= 45; }));
  EXPECT_EQ(taken.size(), 5u);
  // Closed by whoever has them: the loop was told nothing, and knows.
  taken.CloseAll();
  EXPECT_TRUE(Eventually([&] { return loop.counts().open == 0; }));
  Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return taken.size() == 1; }));
}

TEST(AcceptLoopTest, WhoIsOldEnoughToHaveProvedHimselfCountsAmongAllOnly) {
  Sockets taken;
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  const int port = sockets.port();
  AcceptLoop loop(std::move(sockets), {.all = 12, .unproven_of_address = 2, .proving = absl::Milliseconds(50)},
                  [&](int, int fd) { taken.Add(fd); });
  loop.Start();
  Sockets clients;
  while (taken.size() < 12) {
    Connect(clients.Add(NewSocket()), port);
    absl::SleepFor(absl::Milliseconds(20));
  }
  const int64_t refused = loop.counts().refused;
  Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return loop.counts().refused > refused; }));
  EXPECT_EQ(taken.size(), 12u);
}

TEST(HeardTest, OneConnectionHasOneKeyHoweverItIsWritten) {
  EXPECT_EQ(KeyOfPeer("ipv4:127.0.0.1:7443"), ConnectionKey("127.0.0.1", "7443"));
  EXPECT_EQ(KeyOfPeer("ipv6:%5B::1%5D:80"), ConnectionKey("::1", "80"));
  EXPECT_EQ(KeyOfPeer("ipv6:[fe80::2]:81"), ConnectionKey("fe80::2", "81"));
  EXPECT_EQ(KeyOfPeer("unknown"), "");
}

// A connection that is taken and sends into the void.
class FloodTest : public ::testing::Test {
 protected:
  void Start(const ReceivedLimits& received) {
    ListeningSockets sockets = MustListen("127.0.0.1:0");
    port_ = sockets.port();
    loop_ = std::make_unique<AcceptLoop>(
        std::move(sockets), ConnectionLimits{.received = received}, [&](int, int fd) { taken_.Add(fd); }, &heard_);
    loop_->Start();
  }
  int NewClient() {
    const int fd = clients_.Add(NewSocket());
    Connect(fd, port_);
    return fd;
  }
  static void Send(int fd, size_t bytes) {
    const std::string block(bytes, 'x');
    (void)!send(fd, block.data(), block.size(), MSG_NOSIGNAL);
  }
  // As the host does when a call has come over the connection.
  static std::string KeyOf(int fd) {
    SocketAddress here;
    here.length = sizeof here.storage;
    EXPECT_EQ(getsockname(fd, here.get(), &here.length), 0);
    return KeyOfPeer(absl::StrCat("ipv4:127.0.0.1:", here.port()));
  }
  // Long enough that the loop has looked.
  static void LetItLook() { absl::SleepFor(absl::Milliseconds(700)); }

  Heard heard_;
  Sockets taken_;
  Sockets clients_;
  int port_ = 0;
  std::unique_ptr<AcceptLoop> loop_;
};

TEST_F(FloodTest, WhoSendsWithoutEndAndComesToNoCallIsCut) {
  Start({.of_connection = 64 * 1024, .all = 1024 * 1024, .forgiven_per_s = 0});
  const int flood = NewClient();
  const int good = NewClient();
  for (int round = 0; round < 4; ++round) {
    Send(good, 40 * 1024);
    heard_.Begun(KeyOf(good));
    LetItLook();
    ASSERT_FALSE(IsEnded(good)) << "every call answers for what came before it";
  }
  Send(flood, 40 * 1024);
  LetItLook();
  EXPECT_FALSE(IsEnded(flood));
  Send(flood, 40 * 1024);
  EXPECT_TRUE(Eventually([&] { return IsEnded(flood); }));
  EXPECT_FALSE(IsEnded(good));
  EXPECT_EQ(loop_->counts().cut, 1);
}

TEST_F(FloodTest, OfManyThatSendTheLargestAreCut) {
  Start({.of_connection = 1024 * 1024, .all = 64 * 1024, .forgiven_per_s = 0});
  const int small = NewClient();
  const int large = NewClient();
  Send(small, 10 * 1024);
  Send(large, 60 * 1024);
  EXPECT_TRUE(Eventually([&] { return IsEnded(large); }));
  LetItLook();
  EXPECT_FALSE(IsEnded(small));
}

TEST_F(FloodTest, WhoBeginsCallsOnlyToTakeThemBackIsCut) {
  Start(ReceivedLimits{});
  const int flood = NewClient();
  const int good = NewClient();
  const auto call = [&](int fd, int begun, int taken_back) {
    for (int i = 0; i < begun; ++i) heard_.Begun(KeyOf(fd));
    for (int i = 0; i < taken_back; ++i) heard_.TakenBack(KeyOf(fd));
  };
  call(good, 5000, 401);  // a busy peer whose own callers go away
  call(flood, 401, 401);
  EXPECT_TRUE(Eventually([&] { return IsEnded(flood); }));
  LetItLook();
  EXPECT_FALSE(IsEnded(good));
}

TEST_F(FloodTest, ALittleNowAndThenIsForgiven) {
  Start({.of_connection = 8 * 1024, .all = 1024 * 1024, .forgiven_per_s = 1024 * 1024});
  const int watch = NewClient();
  for (int round = 0; round < 6; ++round) {
    Send(watch, 4 * 1024);
    LetItLook();
  }
  EXPECT_FALSE(IsEnded(watch));
}

TEST(AcceptLoopTest, WithoutDescriptorsItRefusesAndGoesOnAfterwards) {
  Sockets taken;
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  const int port = sockets.port();
  AcceptLoop loop(std::move(sockets), {.all = 1000, .unproven_of_address = 1000}, [&](int, int fd) { taken.Add(fd); });
  loop.Start();
  ASSERT_TRUE(loop.Hear(kPatience).ok());
  Sockets clients;
  std::vector<int> fds;
  for (int i = 0; i < 32; ++i) fds.push_back(clients.Add(NewSocket()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{.rlim_cur = static_cast<rlim_t>(fds.back() + 4), .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  for (const int fd : fds) Connect(fd, port);
  EXPECT_TRUE(Eventually([&] { return loop.counts().no_descriptor >= 16; }));
  EXPECT_TRUE(Eventually([&] { return IsEnded(fds.back()); })) << "who is refused hears so at once";
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  const size_t had = taken.size();
  EXPECT_TRUE(loop.Hear(kPatience).ok());
  Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return taken.size() > had; }));
}

TEST(AcceptLoopTest, WhoHasProvedHimselfHasHisShareToo) {
  Sockets taken;
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  const int port = sockets.port();
  AcceptLoop loop(std::move(sockets),
                  {.all = 100, .of_address = 6, .unproven_of_address = 4, .proving = absl::Milliseconds(50)},
                  [&](int, int fd) { taken.Add(fd); });
  loop.Start();
  Sockets clients;
  // Three at a time, each old enough before the next come: as many as anybody likes with one certificate.
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 3; ++j) Connect(clients.Add(NewSocket()), port);
    absl::SleepFor(absl::Milliseconds(60));
  }
  EXPECT_TRUE(Eventually([&] { return loop.counts().refused >= 54; })) << loop.counts().refused;
  EXPECT_EQ(taken.size(), 6u);
  EXPECT_EQ(loop.counts().refused_last, "127.0.0.1, because its address has as many as it may");
  taken.CloseAll();
  EXPECT_TRUE(Eventually([&] { return loop.counts().open == 0; }));
  Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return taken.size() == 1; })) << "who closes has room again";
}

// A dual-stack socket listens also on a machine without IPv6, where nobody can be at ::1.
TEST(AcceptLoopTest, AWildcardIsAskedByIpv4First) {
  for (const char* address : {"0.0.0.0:0", "[::]:0"}) {
    const ListeningSockets sockets = MustListen(address);
    std::vector<std::string> hosts;
    for (const SocketAddress& own : sockets.OwnAddresses()) {
      EXPECT_EQ(own.port(), sockets.port());
      hosts.push_back(own.host_text());
    }
    ASSERT_FALSE(hosts.empty());
    EXPECT_EQ(hosts.front(), "127.0.0.1") << address;
  }
}

// Without a descriptor to ask with, nothing is known of the port.
TEST(AcceptLoopTest, WhoCannotAskDoesNotCallItDeaf) {
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  AcceptLoop loop(std::move(sockets), {}, [](int, int fd) { close(fd); });
  loop.Start();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status heard = loop.Hear(kPatience);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(heard.code(), absl::StatusCode::kUnknown) << heard;
  EXPECT_TRUE(loop.Hear(kPatience).ok());
}

TEST(AcceptLoopTest, HearsItselfOnlyWhileItListens) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0", "localhost:0", "0.0.0.0:0", "[::]:0"}) {
    absl::StatusOr<ListeningSockets> sockets = ListeningSockets::Open(address);
    if (!sockets.ok() && std::string(address).starts_with("[")) continue;  // a machine without IPv6
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    const std::string again =
        std::string(address).substr(0, std::string(address).size() - 1) + std::to_string(sockets->port());
    EXPECT_EQ(ListeningSockets::Open(again).status().code(), absl::StatusCode::kUnavailable) << again;
    AcceptLoop loop(*std::move(sockets), {}, [](int, int fd) { close(fd); });
    EXPECT_EQ(loop.Hear(absl::Milliseconds(50)).code(), absl::StatusCode::kUnavailable) << "the kernel is no answer";
    loop.Start();
    EXPECT_TRUE(loop.Hear(kPatience).ok()) << address;
    loop.Stop();
    EXPECT_EQ(loop.Hear(kPatience).code(), absl::StatusCode::kUnavailable);
  }
}

TEST(AcceptLoopTest, ALoopThatHangsIsDeaf) {
  std::promise<void> open;
  ListeningSockets sockets = MustListen("127.0.0.1:0");
  const int port = sockets.port();
  AcceptLoop loop(std::move(sockets), {}, [&, opened = open.get_future().share()](int, int fd) {
    opened.wait();
    close(fd);
  });
  loop.Start();
  Sockets clients;
  Connect(clients.Add(NewSocket()), port);
  EXPECT_TRUE(Eventually([&] { return !loop.Hear(absl::Milliseconds(50)).ok(); }));
  open.set_value();
  EXPECT_TRUE(loop.Hear(kPatience).ok());
}

}  // namespace
}  // namespace gatehouse::rpc
