// One lane of a module: who waits, taken in turn by identity, and the threads. Private to libs/rpc.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "libs/base/worker_pool.h"
#include "libs/rpc/fair_queue.h"
#include "libs/rpc/lane.h"

namespace gatehouse::rpc {

// Thread-safe. Its destructor waits for the tasks it took.
class LanePool {
 public:
  // No identity runs on more than half of the threads.
  explicit LanePool(LaneBounds bounds)
      : queue_(bounds.queue, std::max<size_t>(1, bounds.threads / 2)),
        pool_(bounds.threads, std::max<size_t>(1, bounds.queue)) {}

  // False when too many wait. A task of the pool stands for no call: it runs whatever is next in turn until nothing may
  // run, so that what an identity's share held back runs when one of its calls is over. One that finds no room in the
  // pool's own queue is not missed: those that wait there come after it.
  bool Push(const std::string& identity, FairQueue::Task task) {
    if (!queue_.Push(identity, std::move(task))) return false;
    (void)pool_.TrySubmit([this] {
      while (std::optional<FairQueue::Taken> next = queue_.Take()) {
        next->task();
        queue_.Done(next->identity);
      }
    });
    return true;
  }

 private:
  FairQueue queue_;
  base::WorkerPool pool_;  // last: it waits for tasks, which use the queue
};

}  // namespace gatehouse::rpc
