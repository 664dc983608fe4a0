#include "tools/specimen/vpcd_card.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::specimen {
namespace {

enum Control : uint8_t { kPowerOff = 0, kPowerOn = 1, kReset = 2, kAskAtr = 4 };

class Socket {
 public:
  explicit Socket(int handle) : handle_(handle) {}
  ~Socket() { close(handle_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // False when the other side has closed.
  bool Receive(uint8_t* data, size_t size) {
    while (size > 0) {
      const ssize_t got = recv(handle_, data, size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      data += got;
      size -= static_cast<size_t>(got);
    }
    return true;
  }
  bool Send(Bytes data) {
    while (!data.empty()) {
      const ssize_t sent = send(handle_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      data = data.subspan(static_cast<size_t>(sent));
    }
    return true;
  }

 private:
  const int handle_;
};

absl::StatusOr<int> Connect(const std::string& host, uint16_t port) {
  const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0) {
    return absl::UnavailableError(absl::StrCat(host, ": no such host"));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int handle = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (handle < 0) continue;
    if (connect(handle, address->ai_addr, address->ai_addrlen) == 0) {
      const int on = 1;
      setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return handle;
    }
    close(handle);
  }
  return absl::UnavailableError(absl::StrCat("no virtual reader at ", host, ":", port, ": ", std::strerror(errno)));
}

bool SendFrame(Socket& socket, const Octets& contents) {
  Octets frame = {static_cast<uint8_t>(contents.size() >> 8), static_cast<uint8_t>(contents.size())};
  access::Append(frame, contents);
  return socket.Send(frame);
}

}  // namespace

absl::Status ServeAsCard(SoftChip& chip, const std::string& host, uint16_t port) {
  GH_ASSIGN_OR_RETURN(const int handle, Connect(host, port));
  Socket socket(handle);
  uint8_t head[2];
  while (socket.Receive(head, sizeof head)) {
    Octets frame(static_cast<size_t>(head[0] << 8 | head[1]));
    if (!socket.Receive(frame.data(), frame.size())) break;
    if (frame.size() != 1) {
      if (!SendFrame(socket, chip.Process(frame))) break;
    } else if (frame[0] == kAskAtr) {
      if (!SendFrame(socket, chip.AnswerToReset())) break;
    } else {
      chip.Reset();
    }
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::specimen
