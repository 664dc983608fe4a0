// What a connection has sent that no call has answered for. gRPC 1.51 keeps what it cannot yet hand to a call, and its
// own bounds do not see all of it: headers that never end (HTTP/2 CONTINUATION frames) fill the memory of a process at
// the speed of the network, by anybody whose certificate the authority signed. The kernel counts the bytes of a socket;
// a call that reaches a handler answers for what came before it. Private to libs/rpc.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace gatehouse::rpc {

struct ReceivedLimits {
  // A whole message of the largest kind, and some.
  int64_t of_connection = int64_t{65} * 1024 * 1024;
  // Of all connections together; those that send most are cut first.
  int64_t all = int64_t{256} * 1024 * 1024;
  // Forgiven with time: checks of health reach no handler, and go on for the life of a connection.
  int64_t forgiven_per_s = int64_t{64} * 1024;
};

// By the kernel's count, of a connected TCP socket; 0 when it is none.
int64_t BytesReceived(int fd);

// The account of one connection.
class ReceivedBytes {
 public:
  // `received`: all so far.
  void Answered(int64_t received) { answered_ = received; }
  void Forgive(int64_t bytes, int64_t received) {
    answered_ = answered_ + bytes < received ? answered_ + bytes : received;
  }
  int64_t Unanswered(int64_t received) const { return received - answered_; }

 private:
  int64_t answered_ = 0;
};

}  // namespace gatehouse::rpc
