#include "libs/rpc/listening_sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::rpc {
namespace {

constexpr int kBacklog = 1024;  // the kernel has a bound of its own (net.core.somaxconn)
// A free port of one address may be taken on the next one.
constexpr int kPortAttempts = 10;

struct FreeAddresses {
  void operator()(addrinfo* found) const { freeaddrinfo(found); }
};

struct HostPort {
  std::string host;
  int port = 0;
};

absl::StatusOr<HostPort> Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostPort split;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &split.port) ||
      split.port < 0 || split.port > 65'535) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is not host:port"));
  }
  split.host = address.substr(0, colon);
  if (split.host.front() == '[' && split.host.back() == ']') split.host = split.host.substr(1, split.host.size() - 2);
  return split;
}

SocketAddress AnyIpv6(int port) {
  SocketAddress any;
  any.storage.ss_family = AF_INET6;
  any.length = sizeof(sockaddr_in6);
  any.set_port(port);
  return any;
}

absl::StatusOr<std::vector<SocketAddress>> Resolve(const HostPort& wanted) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  if (const int failed = getaddrinfo(wanted.host.c_str(), nullptr, &hints, &list); failed != 0) {
    return absl::UnavailableError(absl::StrCat(wanted.host, ": ", gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owned(list);
  std::vector<SocketAddress> addresses;
  // Both families on one socket where the machine has IPv6.
  if (wanted.host == "0.0.0.0" || wanted.host == "::") addresses.push_back(AnyIpv6(wanted.port));
  for (const addrinfo* found = list; found != nullptr; found = found->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    address.set_port(wanted.port);
  }
  return addresses;
}

SocketAddress Loopback(int family, int port) {
  SocketAddress loopback;
  loopback.storage.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET6) {
    loopback.length = sizeof(sockaddr_in6);
    reinterpret_cast<sockaddr_in6*>(&loopback.storage)->sin6_addr = in6addr_loopback;
  } else {
    loopback.length = sizeof(sockaddr_in);
    reinterpret_cast<sockaddr_in*>(&loopback.storage)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  loopback.set_port(port);
  return loopback;
}

bool IsWildcard(const SocketAddress& address) {
  const std::string host = address.host_bytes();
  return host.find_first_not_of('\0') == std::string::npos;
}

}  // namespace

int SocketAddress::port() const {
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

void SocketAddress::set_port(int port) {
  const auto wire = htons(static_cast<uint16_t>(port));
  if (family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = wire;
  } else {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = wire;
  }
}

std::string SocketAddress::host_bytes() const {
  if (family() != AF_INET6) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr;
    return std::string(reinterpret_cast<const char*>(&ipv4), sizeof ipv4);
  }
  const in6_addr& ipv6 = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  const std::string bytes(reinterpret_cast<const char*>(&ipv6), sizeof ipv6);
  return IN6_IS_ADDR_V4MAPPED(&ipv6) ? bytes.substr(12) : bytes;
}

std::string SocketAddress::host_text() const {
  const std::string bytes = host_bytes();
  char text[INET6_ADDRSTRLEN] = {};
  const int written_as = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  return inet_ntop(written_as, bytes.data(), text, sizeof text) == nullptr ? "" : text;
}

absl::StatusOr<ListeningSockets> ListeningSockets::Open(const std::string& address) {
  GH_ASSIGN_OR_RETURN(const HostPort wanted, Split(address));
  GH_ASSIGN_OR_RETURN(const std::vector<SocketAddress> resolved, Resolve(wanted));
  absl::Status last;
  for (int attempt = 0; attempt < (wanted.port == 0 ? kPortAttempts : 1); ++attempt) {
    ListeningSockets listening;
    listening.port_ = wanted.port;
    bool taken = false;
    for (const SocketAddress& one : resolved) {
      const absl::Status status = listening.Listen(one);
      // A wildcard that IPv6 took already is IPv4's too; a family that this machine lacks is not missed.
      const bool covered = absl::IsAlreadyExists(status) && IsWildcard(one) && !listening.sockets_.empty();
      if (status.ok() || covered) continue;
      taken = taken || absl::IsAlreadyExists(status);
      last = status;
    }
    if (!taken && !listening.sockets_.empty()) return listening;
  }
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", address, ": the port is taken or the address is not this machine's (", last.message(), ")"));
}

absl::Status ListeningSockets::Listen(SocketAddress address) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::UnavailableError(std::strerror(errno));
  const int on = 1;
  const int v6only = IsWildcard(address) ? 0 : 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // after a restart, past TIME_WAIT; never a second listener
  if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only);
  address.set_port(port_);
  if (bind(fd, address.get(), address.length) != 0 || listen(fd, kBacklog) != 0) {
    const int failed = errno;
    close(fd);
    return failed == EADDRINUSE ? absl::AlreadyExistsError(std::strerror(failed))
                                : absl::UnavailableError(std::strerror(failed));
  }
  sockets_.push_back(fd);
  if (port_ == 0) {
    address.length = sizeof address.storage;
    getsockname(fd, address.get(), &address.length);
    port_ = address.port();
  }
  return absl::OkStatus();
}

std::vector<SocketAddress> ListeningSockets::OwnAddresses() const {
  SocketAddress own;
  own.length = sizeof own.storage;
  if (sockets_.empty() || getsockname(sockets_.front(), own.get(), &own.length) != 0) return {};
  if (!IsWildcard(own)) return {own};
  if (own.family() != AF_INET6) return {Loopback(AF_INET, port_)};
  int v6only = 0;
  socklen_t length = sizeof v6only;
  const bool both = getsockopt(sockets_.front(), IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &length) == 0 && v6only == 0;
  if (!both) return {Loopback(AF_INET6, port_)};
  // A dual-stack socket listens also where IPv6 is switched off, as in most containers: there is no ::1 then.
  return {Loopback(AF_INET, port_), Loopback(AF_INET6, port_)};
}

void ListeningSockets::Close() {
  for (const int fd : sockets_) close(fd);
  sockets_.clear();
}

ListeningSockets::~ListeningSockets() { Close(); }

}  // namespace gatehouse::rpc
