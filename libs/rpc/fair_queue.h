// The calls that wait for a thread of a host, by who sent them: each identity has a queue of its own, the queues are
// taken in turn, and no identity runs on more than its share of the threads. When a store is slow, what one gate has in
// flight keeps an officer waiting for one call and not for all of them. Private to libs/rpc.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "libs/base/check.h"

namespace gatehouse::rpc {

// Thread-safe.
class FairQueue {
 public:
  using Task = std::function<void()>;
  struct Taken {
    std::string identity;
    Task task;
  };

  // `bound`: tasks that wait, of all. `share`: tasks of one identity that run at a time, at least one.
  FairQueue(size_t bound, size_t share) : bound_(bound), share_(share) { GH_CHECK(share > 0); }

  // False when full.
  bool Push(const std::string& identity, Task task) {
    std::lock_guard lock(mutex_);
    if (waiting_ >= bound_) return false;
    ++waiting_;
    Owner& owner = owners_[identity];
    owner.waiting.push_back(std::move(task));
    if (owner.waiting.size() == 1) turns_.push_back(identity);
    return true;
  }

  // The next task of the next identity in turn that is below its share; none when nothing waits that may run. Whoever
  // takes one says Done() when it is over, and then asks again: what an identity's share held back may run now.
  std::optional<Taken> Take() {
    std::lock_guard lock(mutex_);
    for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
      Owner& owner = owners_.at(*turn);
      if (owner.running >= share_) continue;
      Taken taken{.identity = *turn, .task = std::move(owner.waiting.front())};
      owner.waiting.pop_front();
      ++owner.running;
      --waiting_;
      turns_.erase(turn);
      if (!owner.waiting.empty()) turns_.push_back(taken.identity);  // behind the others
      return taken;
    }
    return std::nullopt;
  }

  void Done(const std::string& identity) {
    std::lock_guard lock(mutex_);
    const auto owner = owners_.find(identity);
    GH_CHECK(owner != owners_.end() && owner->second.running > 0);
    if (--owner->second.running == 0 && owner->second.waiting.empty()) owners_.erase(owner);
  }

 private:
  struct Owner {
    std::deque<Task> waiting;
    size_t running = 0;
  };

  const size_t bound_;
  const size_t share_;
  std::mutex mutex_;
  size_t waiting_ = 0;
  std::unordered_map<std::string, Owner> owners_;  // that wait or run
  std::list<std::string> turns_;                   // identities with something that waits, once each
};

}  // namespace gatehouse::rpc
