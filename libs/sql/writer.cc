#include "libs/sql/writer.h"

#include <chrono>
#include <utility>

#include "libs/sql/batch.h"

namespace gatehouse::sql {

Writer::Writer(std::unique_ptr<Connection> connection, Dialect dialect, int batch_wait_us)
    : connection_(std::move(connection)), dialect_(dialect), batch_wait_us_(batch_wait_us) {
  thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    arrived_.notify_one();
  }
  thread_.join();
}

absl::Status Writer::Write(Command command) {
  Pending pending;
  pending.command = std::move(command);
  return Enqueue(pending);
}

absl::Status Writer::WithConnection(const std::function<absl::Status(Connection&)>& use) {
  Pending pending;
  pending.use = &use;
  return Enqueue(pending);
}

absl::Status Writer::Enqueue(Pending& pending) {
  if (OnWriterThread()) return absl::InternalError("a command waits for the writer, which waits for the command");
  std::unique_lock lock(mutex_);
  if (queue_.size() >= kMaxQueuedCommands) return absl::ResourceExhaustedError("too many writes are waiting");
  queue_.push_back(&pending);
  arrived_.notify_one();
  pending.answered.wait(lock, [&] { return pending.done; });
  return std::move(pending.status);
}

void Writer::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::vector<Pending*> batch = TakeBatch(lock);
    lock.unlock();
    Run(batch);
    lock.lock();
    // Under the lock: a Pending lives on its caller's stack and is gone once the caller sees `done`.
    for (Pending* pending : batch) {
      pending->done = true;
      pending->answered.notify_one();
    }
  }
}

std::vector<Writer::Pending*> Writer::TakeBatch(std::unique_lock<std::mutex>& lock) {
  if (batch_wait_us_ > 0) {
    arrived_.wait_for(lock, std::chrono::microseconds(batch_wait_us_),
                      [this] { return closing_ || queue_.size() >= kMaxBatchCommands; });
  }
  std::vector<Pending*> batch;
  while (!queue_.empty() && batch.size() < kMaxBatchCommands) {
    const bool alone = queue_.front()->use != nullptr;
    if (alone && !batch.empty()) break;
    batch.push_back(queue_.front());
    queue_.pop_front();
    if (alone) break;
  }
  return batch;
}

void Writer::Run(const std::vector<Pending*>& batch) {
  if (batch.front()->use != nullptr) {
    const absl::Status ready = connection_->Ready();
    batch.front()->status = ready.ok() ? Guarded([&] { return (*batch.front()->use)(*connection_); }) : ready;
    return;
  }
  std::vector<BatchEntry> entries;
  entries.reserve(batch.size());
  for (Pending* pending : batch) entries.push_back({&pending->command, absl::OkStatus()});
  RunBatch(*connection_, dialect_, entries);
  for (size_t i = 0; i < batch.size(); ++i) batch[i]->status = std::move(entries[i].status);
}

}  // namespace gatehouse::sql
