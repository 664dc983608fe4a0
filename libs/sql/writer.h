// The one writer of a process: callers queue, one thread takes all that wait (at most kMaxBatchCommands), commits them
// as one transaction, then lets them go. While a commit syncs, the next batch gathers. A caller leaves when its time is
// over (sql.h, Time), except while its own command runs, which refers to the caller's frame and is interrupted instead.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"
#include "libs/sql/writer_health.h"

namespace gatehouse::sql {

class Writer {
 public:
  // `batch_wait_us`: how long a batch that is not full waits for company.
  Writer(std::unique_ptr<Connection> connection, Dialect dialect, int batch_wait_us);
  // Ends the batch in flight, answers UNAVAILABLE to what is queued, waits until every caller has left.
  ~Writer();

  // Blocks until committed or the caller's time is over. RESOURCE_EXHAUSTED when kMaxQueuedCommands wait already.
  absl::Status Write(Command command);
  // True inside a command.
  bool OnWriterThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Runs `use` between two batches, with no transaction open, under the caller's time.
  absl::Status WithConnection(const std::function<absl::Status(Connection&)>& use);

  // Whether writing works (Database::Ping). Gives an idle writer `probe` to do when nothing else says so; waits for
  // nothing.
  absl::Status Health(const Command& probe);

 private:
  struct Pending {
    enum class State { kWaiting, kRunning, kRan, kRefused, kAnswered, kAbandoned };
    Command command;                                                // either this
    const std::function<absl::Status(Connection&)>* use = nullptr;  // or that
    base::WorkTime time;
    bool probe = false;  // nobody waits for it
    // kAnswered is set under the mutex; the caller and the writer agree on the others by exchange.
    std::atomic<State> state = State::kWaiting;
    absl::Status status;
    std::condition_variable answered;

    bool Enter();  // the writer begins to run it; false when its caller has left or its time is over
    void Leave(bool refused) { state = refused ? State::kRefused : State::kRan; }
    bool AbandonIf(State expected) { return state.compare_exchange_strong(expected, State::kAbandoned); }
  };
  using Batch = std::vector<std::shared_ptr<Pending>>;

  absl::Status Enqueue(std::shared_ptr<Pending> pending);
  absl::Status Await(const std::shared_ptr<Pending>& pending, std::unique_lock<std::mutex>& lock);
  void Loop();
  Batch TakeBatch(std::unique_lock<std::mutex>& lock);
  void Run(const Batch& batch);
  void Answer(const Batch& batch);  // under the mutex

  const std::unique_ptr<Connection> connection_;
  const Dialect dialect_;
  const int batch_wait_us_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  std::deque<std::shared_ptr<Pending>> queue_;
  int callers_ = 0;  // in Enqueue
  bool closing_ = false;
  bool probing_ = false;
  WriterHealth health_;
  std::thread thread_;
};

}  // namespace gatehouse::sql
