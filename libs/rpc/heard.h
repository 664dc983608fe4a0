// What hosts tell the accept loop of a server about calls, by the connection they came over: that one reached a
// handler, that its caller went away before he had his answer, that an answer is not taken. The loop cuts connections
// that send without end and come to no call (received_bytes.h) and those that begin calls only to take them back, and
// gives up answers that nobody reads. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/rpc/unread_answers.h"

namespace gatehouse::rpc {

// One key for one remote end, however it is written.
std::string ConnectionKey(std::string_view host, std::string_view port);
// `peer` as gRPC writes it: "ipv4:127.0.0.1:7443", "ipv6:%5B::1%5D:7443". Empty for anything else.
std::string KeyOfPeer(std::string_view peer);

class Heard {
 public:
  struct Calls {
    int begun = 0;
    int taken_back = 0;
  };
  // Keys are KeyOfPeer's; an empty one is no connection.
  void Begun(const std::string& key);
  void TakenBack(const std::string& key);
  // Since the last time.
  std::unordered_map<std::string, Calls> Take();

  UnreadAnswers& unread() { return unread_; }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Calls> calls_;
  UnreadAnswers unread_;
};

}  // namespace gatehouse::rpc
