// From which connections calls have reached a handler: told by Host, asked by the accept loop of the server, which cuts
// connections that send and send and never come to a call (received_bytes.h). Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace gatehouse::rpc {

class Heard {
 public:
  // `peer` as gRPC writes it: "ipv4:127.0.0.1:7443", "ipv6:%5B::1%5D:7443". Anything else is no connection.
  void Note(std::string_view peer);
  // The connections since the last time, each as ConnectionKey.
  std::unordered_set<std::string> Take();

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> heard_;
};

// One key for one remote end, however it is written.
std::string ConnectionKey(std::string_view host, std::string_view port);

}  // namespace gatehouse::rpc
