// The one writer of a process: callers queue, one thread takes all that wait (at most kMaxBatchCommands), commits them
// as one transaction, then lets them go. While a commit syncs, the next batch gathers.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

class Writer {
 public:
  // `batch_wait_us`: how long a batch that is not full waits for company.
  Writer(std::unique_ptr<Connection> connection, Dialect dialect, int batch_wait_us);
  // Answers what is queued, then joins.
  ~Writer();

  // Blocks until committed. RESOURCE_EXHAUSTED when kMaxQueuedCommands wait already.
  absl::Status Write(Command command);
  // True inside a command.
  bool OnWriterThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Runs `use` between two batches, with no transaction open.
  absl::Status WithConnection(const std::function<absl::Status(Connection&)>& use);

 private:
  struct Pending {
    Command command;                                                // either this
    const std::function<absl::Status(Connection&)>* use = nullptr;  // or that
    absl::Status status;
    bool done = false;
    std::condition_variable answered;
  };

  absl::Status Enqueue(Pending& pending);
  void Loop();
  std::vector<Pending*> TakeBatch(std::unique_lock<std::mutex>& lock);
  void Run(const std::vector<Pending*>& batch);

  const std::unique_ptr<Connection> connection_;
  const Dialect dialect_;
  const int batch_wait_us_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Pending*> queue_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::sql
