#include "libs/sql/writer.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/sql/batch.h"
#include "libs/sql/call_time.h"

namespace gatehouse::sql {
namespace {

// The store's trouble, as opposed to what a command was refused for.
bool IsStoreFailure(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsUnknown(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

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
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return callers_ == 0; });
}

absl::Status Writer::Write(Command command) {
  auto pending = std::make_shared<Pending>();
  pending->command = std::move(command);
  return Enqueue(std::move(pending));
}

absl::Status Writer::WithConnection(const std::function<absl::Status(Connection&)>& use) {
  auto pending = std::make_shared<Pending>();
  pending->use = &use;
  return Enqueue(std::move(pending));
}

bool Writer::Pending::Enter() {
  State now = state;
  while (now != State::kAbandoned && time.Check().ok()) {
    if (state.compare_exchange_weak(now, State::kRunning)) return true;
  }
  return false;
}

absl::Status Writer::Enqueue(std::shared_ptr<Pending> pending) {
  if (OnWriterThread()) return absl::InternalError("a command waits for the writer, which waits for the command");
  pending->time = CallTime();
  GH_RETURN_IF_ERROR(pending->time.Check());
  std::unique_lock lock(mutex_);
  if (closing_) return absl::UnavailableError("the store is closing");
  if (queue_.size() >= kMaxQueuedCommands) return absl::ResourceExhaustedError("too many writes are waiting");
  ++callers_;
  queue_.push_back(pending);
  arrived_.notify_one();
  absl::Status status = Await(pending, lock);
  if (--callers_ == 0) left_.notify_all();
  return status;
}

absl::Status Writer::Await(const std::shared_ptr<Pending>& pending, std::unique_lock<std::mutex>& lock) {
  const auto answered = [&] { return pending->state == Pending::State::kAnswered; };
  while (!WaitWithin(pending->time, pending->answered, lock, answered)) {
    if (pending->AbandonIf(Pending::State::kWaiting)) {
      std::erase(queue_, pending);
      return pending->time.Check();
    }
    // Rolled back, and not run again once its caller has left.
    if (pending->AbandonIf(Pending::State::kRefused)) return pending->time.Check();
    if (pending->AbandonIf(Pending::State::kRan)) {
      return absl::UnknownError("the time ended before the batch of this write did: it may have been written");
    }
    // It runs, refers to this frame, and is being interrupted.
    pending->answered.wait_for(lock, kWaitSlice, answered);
  }
  return pending->status;
}

void Writer::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) break;
    const Batch batch = TakeBatch(lock);
    if (batch.empty()) continue;  // all of it left while the batch gathered
    health_.BatchBegins(std::chrono::steady_clock::now());
    lock.unlock();
    Run(batch);
    lock.lock();
    Answer(batch);
  }
  const Batch rest(queue_.begin(), queue_.end());
  queue_.clear();
  for (const auto& pending : rest) pending->status = absl::UnavailableError("the store is closing");
  Answer(rest);
}

Writer::Batch Writer::TakeBatch(std::unique_lock<std::mutex>& lock) {
  if (batch_wait_us_ > 0) {
    arrived_.wait_for(lock, std::chrono::microseconds(batch_wait_us_),
                      [this] { return closing_ || queue_.size() >= kMaxBatchCommands; });
  }
  Batch batch;
  while (!queue_.empty() && batch.size() < kMaxBatchCommands) {
    const bool alone = queue_.front()->use != nullptr;
    if (alone && !batch.empty()) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  return batch;
}

void Writer::Run(const Batch& batch) {
  if (Pending& first = *batch.front(); first.use != nullptr) {
    if (!first.Enter()) {
      first.status = first.time.Check();
      return;
    }
    const base::WorkTimeScope scope(first.time);
    const absl::Status ready = connection_->Ready();
    first.status = ready.ok() ? Guarded([&] { return (*first.use)(*connection_); }) : ready;
    return;
  }
  absl::Duration longest = kBatchTime;
  std::vector<BatchEntry> entries;
  entries.reserve(batch.size());
  for (const auto& pending : batch) {
    longest = std::max(longest, pending->time.Left());
    entries.push_back({.command = &pending->command,
                       .time = pending->time,
                       .enter = [each = pending.get()] { return each->Enter(); },
                       .leave = [each = pending.get()](bool refused) { each->Leave(refused); }});
  }
  const base::WorkTimeScope scope(base::WorkTime::In(longest));
  RunBatch(*connection_, dialect_, entries);
  for (size_t i = 0; i < batch.size(); ++i) batch[i]->status = std::move(entries[i].status);
}

void Writer::Answer(const Batch& batch) {
  bool wrote = false;
  absl::Status failure;
  for (const auto& pending : batch) {
    wrote = wrote || (pending->status.ok() && pending->use == nullptr);
    if (IsStoreFailure(pending->status) && (failure.ok() || absl::IsDeadlineExceeded(failure))) {
      failure = pending->status;
    }
    if (pending->probe) probing_ = false;
    // Under the lock: whoever sees the state goes, and the frame that its command refers to with it.
    pending->state = Pending::State::kAnswered;
    pending->answered.notify_one();
  }
  // Beside others that were written, one that ran out of its time is its own matter.
  if (wrote && absl::IsDeadlineExceeded(failure)) failure = absl::OkStatus();
  health_.BatchEnded(std::chrono::steady_clock::now(), wrote, failure);
}

absl::Status Writer::Health(const Command& probe) {
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!probing_ && !closing_ && queue_.empty() && health_.WantsProbe(now)) {
    auto pending = std::make_shared<Pending>();
    pending->command = probe;
    pending->time = base::WorkTime::In(kBatchTime);
    pending->probe = true;
    probing_ = true;
    queue_.push_back(std::move(pending));
    arrived_.notify_one();
  }
  return health_.Judge(now);
}

}  // namespace gatehouse::sql
