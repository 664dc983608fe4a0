// The door of a process: counts the calls from outside that are in flight over all its modules and of each identity,
// bounds both, opens when the modules have started, and closes for the drain. Whatever one gate sends, the others get
// in: no identity has more than its share. Calls between modules of one process do not pass it: they are part of a call
// that did, which must be able to finish while the door is closed.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/time/time.h"

namespace gatehouse::rpc {

// Thread-safe.
class Admission {
 public:
  // In flight at a time.
  struct Limits {
    int calls = 0;             // of everybody
    int calls_of_machine = 0;  // of one identity, over all its connections
    int calls_of_person = 0;
    // The shares to begin with: a machine a quarter, a person a sixteenth.
    static Limits Of(int calls);
  };
  explicit Admission(Limits limits) : limits_(limits) {}
  explicit Admission(int calls) : Admission(Limits::Of(calls)) {}

  // kFull: the process has no more; kFullForIdentity: the identity has its share, others may enter.
  enum class Answer { kEnter, kFull, kFullForIdentity, kClosed };
  // Closed until opened.
  void Open();

  // `identity` is one the matrix knows: each has an entry from then on. After kEnter the call leaves once.
  Answer Enter(std::string_view identity, bool person);
  void Leave(std::string_view identity);

  // Nobody enters any more; waits until all have left. False when the timeout came first.
  bool CloseAndWait(absl::Duration timeout);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> inside_of_;
  int inside_ = 0;
  bool closed_ = true;
};

}  // namespace gatehouse::rpc
