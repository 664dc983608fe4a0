// Answers that were given and that their callers do not take: HTTP/2 lets a caller say that it has no room, and gRPC
// keeps what it cannot send for as long as the caller likes. Until an answer is gone its call counts as in flight
// (Admission), and after a while it is dropped. Private to libs/rpc.
#pragma once

#include <mutex>
#include <unordered_map>

#include "absl/time/time.h"

namespace grpc {
class CallbackServerContext;
}

namespace gatehouse::rpc {

// A link that takes longer for 64 MiB is no link.
inline constexpr absl::Duration kAnswerPatience = absl::Seconds(30);

// Thread-safe. Contexts are removed before they end.
class UnreadAnswers {
 public:
  void Add(grpc::CallbackServerContext* context);
  void Remove(grpc::CallbackServerContext* context);
  // Gives up those that were given longer than `patience` ago, and says how many.
  int GiveUp(absl::Duration patience);

 private:
  std::mutex mutex_;
  std::unordered_map<grpc::CallbackServerContext*, absl::Duration> since_;  // by the steady clock
};

}  // namespace gatehouse::rpc
