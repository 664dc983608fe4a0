// The connections that were handed to gRPC, which owns their sockets and tells nobody when it closes one. A socket has
// an inode of its own: as long as the descriptor still has the inode it was handed over with, the connection is open;
// looking never touches it. Bounds their number, that of those from one address, of these that of those too young to
// have proved who they are, and what they may send without coming to a call. Private to libs/rpc; one thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"
#include "libs/rpc/heard.h"
#include "libs/rpc/received_bytes.h"

namespace gatehouse::rpc {

struct ConnectionLimits {
  int all = 4096;
  int of_address = 1024;
  int unproven_of_address = 64;
  // A handshake takes at most this: who is older has shown a certificate that the server's authority signed.
  absl::Duration proving = absl::Seconds(11);
  ReceivedLimits received;
  // Between two looks for floods, five of which are a second.
  int taken_back = 400;
};

class Connections {
 public:
  explicit Connections(ConnectionLimits limits) : limits_(limits) {}

  enum class Answer { kTake, kFull, kFullForAddress };
  // Whether one more may come from the host (bytes as SocketAddress has them). `now` never goes back.
  Answer Judge(const std::string& host, absl::Duration now);
  // After kTake, before gRPC has the socket. `key` as ConnectionKey makes it.
  void Add(int fd, const std::string& host, std::string key, absl::Duration now);

  int open() const { return static_cast<int>(open_.size()); }
  int unproven() const { return unproven_; }
  // Forgets those that are closed, and counts anew.
  void Sweep(absl::Duration now);
  // Shuts those down that have sent more than they may since their last call, and those that take back most of the many
  // calls that they begin (HTTP/2 rapid reset). `heard`: the calls since the last time, by key. gRPC then closes them
  // as if the other end had. Gives how many.
  int CutFloods(const std::unordered_map<std::string, Heard::Calls>& heard, absl::Duration now);

 private:
  struct Share {
    int open = 0;
    int unproven = 0;
  };
  struct Connection {
    ino_t inode;
    std::string host;
    std::string key;
    absl::Duration since;
    ReceivedBytes received;
    bool proved = false;  // a call has come of it
  };
  // An IPv6 network is one address: whoever has it has 2^64 of them.
  static std::string Network(const std::string& host) { return host.substr(0, 8); }
  Answer Find(const std::string& host) const;
  // False when it has been closed.
  bool Cut(int fd);

  const ConnectionLimits limits_;
  std::unordered_map<int, Connection> open_;  // by descriptor
  std::map<std::string, Share> share_of_;     // by network
  int unproven_ = 0;
  absl::Duration swept_ = -absl::InfiniteDuration();
  absl::Duration looked_ = -absl::InfiniteDuration();  // for floods
};

}  // namespace gatehouse::rpc
