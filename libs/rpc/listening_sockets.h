// The listening TCP sockets of one address, host:port as gRPC reads it: a name is every address it resolves to, a
// wildcard (0.0.0.0 or [::]) is both families, port 0 is one free port for all. Private to libs/rpc.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::rpc {

// An address of either family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  int port() const;
  void set_port(int port);
  // The host without its port; an IPv4 address in its IPv6 form as IPv4. Equal hosts have equal bytes.
  std::string host_bytes() const;
  // As people write it, an IPv4 address in its IPv6 form as IPv4.
  std::string host_text() const;
};

class ListeningSockets {
 public:
  // UNAVAILABLE: the port is another process's, or the address not this machine's; INVALID_ARGUMENT: no host:port.
  static absl::StatusOr<ListeningSockets> Open(const std::string& address);
  ~ListeningSockets();
  ListeningSockets(ListeningSockets&& other) noexcept : port_(other.port_), sockets_(std::move(other.sockets_)) {
    other.sockets_.clear();
  }
  ListeningSockets& operator=(ListeningSockets&&) = delete;

  int port() const { return port_; }
  // Nonblocking; at least one.
  const std::vector<int>& sockets() const { return sockets_; }
  // Where a process of this machine reaches the first of them, the surest first: a wildcard of both families by IPv4,
  // which a machine without IPv6 has too, then by IPv6. Empty once closed.
  std::vector<SocketAddress> OwnAddresses() const;
  void Close();

 private:
  ListeningSockets() = default;
  absl::Status Listen(SocketAddress address);

  int port_ = 0;
  std::vector<int> sockets_;
};

}  // namespace gatehouse::rpc
