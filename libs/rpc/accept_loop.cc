#include "libs/rpc/accept_loop.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/observe/log.h"

namespace gatehouse::rpc {
namespace {

constexpr int kAcceptsPerTurn = 64;  // one port does not keep the others waiting
constexpr int kIdlePause_ms = 1000;  // how often closed connections are forgotten when nobody comes
constexpr int kFloodPause_ms = 200;  // how often those that are there are looked at: a flood fills 50 MB in that time
constexpr absl::Duration kBackOff = absl::Milliseconds(20);
constexpr char kHello = '!';

absl::Duration SteadyNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

int OpenReserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// A reset rather than a polite end: what is refused costs this side nothing afterwards.
void Refuse(int connection) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(connection);
}

// Closes on return.
struct Descriptor {
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  const int fd;
};

absl::Status Deaf(const char* what) {
  return absl::UnavailableError(absl::StrCat("the own port does not answer: ", what, ": ", std::strerror(errno)));
}

absl::Status NotAsked(const char* what) {
  return absl::UnknownError(absl::StrCat("the own port could not be asked: ", what, ": ", std::strerror(errno)));
}

// Waits for what poll calls `events`; false when the time is over.
bool Await(int fd, short events, absl::Duration limit) {
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(limit)));
  if (ready == 0) errno = ETIMEDOUT;
  return ready > 0;
}

}  // namespace

AcceptLoop::AcceptLoop(ListeningSockets sockets, ConnectionLimits limits, Take take, Heard* heard)
    : sockets_(std::move(sockets)),
      own_(sockets_.OwnAddresses()),
      take_(std::move(take)),
      heard_(heard),
      connections_(limits),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reserve_(OpenReserve()) {
  GH_CHECK(wake_ >= 0);
}

AcceptLoop::~AcceptLoop() {
  Stop();
  close(wake_);
  if (reserve_ >= 0) close(reserve_);
}

void AcceptLoop::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void AcceptLoop::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
  thread_.join();
  sockets_.Close();
}

AcceptLoop::Counts AcceptLoop::counts() const {
  std::lock_guard lock(refused_mutex_);
  return {.open = open_,
          .unproven = unproven_,
          .refused = refused_,
          .no_descriptor = no_descriptor_,
          .cut = cut_,
          .refused_last = refused_last_};
}

void AcceptLoop::Loop() {
  std::vector<pollfd> waiting;
  for (const int fd : sockets_.sockets()) waiting.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  waiting.push_back({.fd = wake_, .events = POLLIN, .revents = 0});
  absl::Duration swept = SteadyNow();
  absl::Duration looked = swept;
  while (!stopping_) {
    const bool watching = heard_ != nullptr && connections_.open() > 0;
    const int ready = poll(waiting.data(), waiting.size(), watching ? kFloodPause_ms : kIdlePause_ms);
    for (size_t i = 0; ready > 0 && i + 1 < waiting.size(); ++i) {
      if (waiting[i].revents != 0) AcceptFrom(waiting[i].fd);
    }
    if (const absl::Duration now = SteadyNow(); now - swept >= absl::Milliseconds(kIdlePause_ms)) {
      connections_.Sweep(now);
      swept = now;
    }
    if (const absl::Duration now = SteadyNow(); watching && now - looked >= absl::Milliseconds(kFloodPause_ms)) {
      CutFloods(now);
      looked = now;
    }
    open_ = connections_.open();
    unproven_ = connections_.unproven();
  }
}

void AcceptLoop::CutFloods(absl::Duration now) {
  if (const int unread = heard_->unread().GiveUp(kAnswerPatience); unread > 0) {
    observe::LogWarning("answers given up: nobody reads them", {{"count", unread}});
  }
  const int cut = connections_.CutFloods(heard_->Take(), now);
  if (cut == 0) return;
  cut_ += cut;
  observe::LogWarning("connections cut: they send without end, or take back what they ask", {{"count", cut}});
}

void AcceptLoop::AcceptFrom(int listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    const int connection = accept4(listener, peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      TakeOne(listener, connection, peer);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      ++no_descriptor_;
      RefuseWithReserve(listener);
      // Whoever holds the descriptors needs time to let go of some.
      absl::SleepFor(kBackOff);
      return;
    }
    // Anything else is of this one connection, which is gone.
  }
}

void AcceptLoop::TakeOne(int listener, int connection, const SocketAddress& peer) {
  if (IsOwnProbe(connection, peer)) {
    (void)!send(connection, &kHello, sizeof kHello, MSG_NOSIGNAL);
    close(connection);
    return;
  }
  const std::string host = peer.host_bytes();
  const absl::Duration now = SteadyNow();
  if (const auto answer = connections_.Judge(host, now); answer != Connections::Answer::kTake) {
    NoteRefused(peer, answer);
    Refuse(connection);
    return;
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections_.Add(connection, host, ConnectionKey(peer.host_text(), absl::StrCat(peer.port())), now);
  take_(listener, connection);
}

void AcceptLoop::NoteRefused(const SocketAddress& peer, Connections::Answer answer) {
  std::lock_guard lock(refused_mutex_);
  ++refused_;
  refused_last_ = absl::StrCat(peer.host_text(), answer == Connections::Answer::kFull
                                                     ? ", because all connections are taken"
                                                     : ", because its address has as many as it may");
}

void AcceptLoop::RefuseWithReserve(int listener) {
  if (reserve_ >= 0) close(reserve_);
  const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection >= 0) Refuse(connection);
  reserve_ = OpenReserve();
}

// From the port of a probe and from this very address: nobody else has both.
bool AcceptLoop::IsOwnProbe(int connection, const SocketAddress& peer) {
  SocketAddress here;
  here.length = sizeof here.storage;
  if (getsockname(connection, here.get(), &here.length) != 0 || here.host_bytes() != peer.host_bytes()) return false;
  std::lock_guard lock(probes_mutex_);
  return probes_.contains(peer.port());
}

absl::Status AcceptLoop::Hear(absl::Duration limit) {
  absl::Status heard = absl::UnavailableError("the own port does not answer: it is closed");
  for (const SocketAddress& own : own_) {
    heard = HearAt(own, limit);
    // Only who could not ask asks elsewhere: the same port is as deaf at another address.
    if (!absl::IsUnknown(heard)) break;
  }
  return heard;
}

absl::Status AcceptLoop::HearAt(const SocketAddress& own, absl::Duration limit) {
  const Descriptor probe{socket(own.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (probe.fd < 0) return NotAsked("no socket to ask with");
  SocketAddress from = own;
  from.set_port(0);
  // Bound before it connects, so that the loop knows its port before it can come.
  if (bind(probe.fd, from.get(), from.length) != 0 || getsockname(probe.fd, from.get(), &from.length) != 0) {
    return NotAsked("bind");
  }
  {
    std::lock_guard lock(probes_mutex_);
    probes_.insert(from.port());
  }
  const absl::Duration until = SteadyNow() + limit;
  absl::Status heard;
  char hello = 0;
  if (connect(probe.fd, own.get(), own.length) != 0 && errno != EINPROGRESS) {
    heard = errno == ECONNREFUSED ? Deaf("connect") : NotAsked("connect");
  } else if (!Await(probe.fd, POLLOUT, limit)) {
    heard = Deaf("connect");
  } else if (!Await(probe.fd, POLLIN, std::max(until - SteadyNow(), absl::ZeroDuration()))) {
    heard = Deaf("accept");
  } else if (recv(probe.fd, &hello, sizeof hello, 0) != 1 || hello != kHello) {
    heard = Deaf("nobody of this process is behind it");
  }
  std::lock_guard lock(probes_mutex_);
  probes_.erase(from.port());
  return heard;
}

}  // namespace gatehouse::rpc
