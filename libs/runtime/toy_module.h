// Two modules for the tests of libs/runtime: "caller" asks "called", which appends an event and answers with who it was
// asked by and for whom.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "libs/runtime/module.h"

namespace grpc {
class Channel;
}

namespace gatehouse::runtime {

extern const ModuleEntry kCalledToy;
extern const ModuleEntry kCallerToy;

// One call of "caller", from outside.
absl::StatusOr<std::string> AskToy(const std::shared_ptr<grpc::Channel>& channel);

// While one exists, "caller" stops before it asks "called". At most one at a time.
class ToyGate {
 public:
  ToyGate();
  ~ToyGate();
  void AwaitArrival();
  void Open();
  // For the module.
  static void Pass();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool arrived_ = false;
  bool open_ = false;
};

}  // namespace gatehouse::runtime
