#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"
#include "libs/audit/folder.h"
#include "libs/audit/lookup_keys.h"
#include "libs/audit/recovery.h"
#include "libs/audit/segment.h"
#include "libs/audit/segment_writer.h"
#include "libs/base/deadline.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

// In one write and sync; with leaves at their largest a batch is half a segment.
constexpr size_t kMaxBatchLeaves = kMaxSegmentBytes / 2 / kMaxLeafBytes;
// Leaves of inner calls that nobody waits for; at this many the next one does.
constexpr size_t kMaxUnawaitedLeaves = 4096;
// Leaves that wait for the disk, those included whose callers gave up; at this many the next one is refused.
constexpr size_t kMaxWaitingLeaves = 16 * 1024;
// How often a log that refuses tries to go on, and leaves are looked for whose callers gave up.
constexpr absl::Duration kUpkeepPause = absl::Milliseconds(500);
constexpr absl::Duration kUpkeepPatience = absl::Seconds(5);
// A log goes on when there is this much room: with less it would stop again at once.
constexpr uint64_t kRoomBytes = 256 * 1024;
// A write that takes longer is heard of.
constexpr std::chrono::seconds kSlowWrite{5};

constexpr std::string_view kLogCondition = "audit.log";
constexpr std::string_view kKeysCondition = "audit.keys";

// What became of one Append; guarded by the log's mutex.
struct Ticket {
  bool done = false;
  absl::Status status;
};

struct Waiting {
  std::string content;
  bool must_land = false;          // an outcome, or of an inner call: it happened, so it is written after an outage too
  std::shared_ptr<Ticket> ticket;  // of the last leaf of an Append; null: nobody waits for this one
};

class FileLog final : public Log {
 public:
  FileLog(Options options, File lock, ChainEnd end)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        keys_(options_.keys_folder.empty() ? options_.folder + "-keys" : options_.keys_folder, *options_.random),
        boot_(BootId()),
        leaves_(end.leaves),
        upkeep_(kUpkeepPause, kUpkeepPatience, [this] { KeepUp(); }) {}

  absl::Status Start(const ChainEnd& end) {
    const std::string path = HeadPath(options_.folder);
    head_file_ = File(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!head_file_.is_open()) return SystemError(absl::StrCat("open ", path));
    GH_RETURN_IF_ERROR(BeginSegment(end.segment + 1, end.hash));
    upkeep_.Start();
    return absl::OkStatus();
  }

  ~FileLog() override {
    upkeep_.Stop();
    if (segment_ == nullptr) return;
    // Nothing is left over unless a call ended without its outcome, or its caller gave up.
    std::unique_lock lock(mutex_);
    while (failure_.ok() && !waiting_.empty()) WriteBatch(lock);
    if (!failure_.ok() || !KeepHead(segment_->size(), /*closed=*/true).ok()) return;
    (void)::fdatasync(head_file_.fd());
  }

  absl::Status Append(const Leaf& leaf) override {
    absl::StatusOr<std::vector<std::string>> contents = Contents(leaf);
    std::unique_lock lock(mutex_);
    // Before anything else: what comes behind an outcome, even one that fails, has to wait for itself.
    if (leaf.kind == Kind::kOutcome) CloseCall(leaf.call_id);
    GH_RETURN_IF_ERROR(contents.status());
    GH_ASSIGN_OR_RETURN(const auto ticket, Queue(*std::move(contents), leaf.kind == Kind::kOutcome, /*awaited=*/true));
    GH_RETURN_IF_ERROR(WaitFor(*ticket, lock));
    if (leaf.kind == Kind::kIntent) ++open_calls_[leaf.call_id];
    return absl::OkStatus();
  }

  absl::Status AppendWithin(const Leaf& leaf) override {
    GH_ASSIGN_OR_RETURN(std::vector<std::string> contents, Contents(leaf));
    std::unique_lock lock(mutex_);
    const bool awaited = !open_calls_.contains(leaf.call_id) || waiting_.size() >= kMaxUnawaitedLeaves;
    const bool must_land = !awaited || leaf.kind == Kind::kOutcome;
    GH_ASSIGN_OR_RETURN(const auto ticket, Queue(std::move(contents), must_land, awaited));
    return awaited ? WaitFor(*ticket, lock) : absl::OkStatus();
  }

 private:
  absl::StatusOr<std::vector<std::string>> Contents(const Leaf& leaf) {
    if (leaf.documents.empty() && leaf.names.empty()) return EncodeLeaves(leaf);
    absl::StatusOr<std::vector<std::string>> subjects = keys_.SubjectsOf(leaf);
    {
      std::lock_guard lock(mutex_);
      Tell(kKeysCondition, subjects.status(), keys_failed_);
    }
    GH_RETURN_IF_ERROR(subjects.status());
    Leaf hashed = leaf;
    hashed.subjects = *std::move(subjects);
    return EncodeLeaves(hashed);
  }

  // While the log refuses, what must land is kept for its return, and refused to whoever waits.
  absl::StatusOr<std::shared_ptr<Ticket>> Queue(std::vector<std::string> contents, bool must_land, bool awaited) {
    if (waiting_.size() + contents.size() > kMaxWaitingLeaves) {
      ++refused_;
      return absl::UnavailableError("the audit log: too many leaves wait for the disk");
    }
    if (!failure_.ok()) ++refused_;
    if (!failure_.ok() && !must_land) return failure_;
    std::shared_ptr<Ticket> ticket = awaited ? std::make_shared<Ticket>() : nullptr;
    for (std::string& content : contents) {
      waiting_.push_back({.content = std::move(content), .must_land = must_land, .ticket = nullptr});
    }
    if (!failure_.ok()) return failure_;
    waiting_.back().ticket = ticket;
    return ticket;
  }

  void CloseCall(const std::string& call_id) {
    const auto call = open_calls_.find(call_id);
    if (call != open_calls_.end() && --call->second == 0) open_calls_.erase(call);
  }

  // The first caller that finds nobody writing takes everything that waits, writes it as one batch with one sync, and
  // wakes the others: while it syncs, the next batch gathers.
  absl::Status WaitFor(const Ticket& ticket, std::unique_lock<std::mutex>& lock) {
    const base::WorkTime time = base::CurrentWorkTime();
    while (!ticket.done) {
      if (!writing_) {
        WriteBatch(lock);
      } else if (time.until == std::chrono::steady_clock::time_point::max()) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, time.until) == std::cv_status::timeout && !ticket.done) {
        abandoned_ = true;
        return absl::DeadlineExceededError("the audit log: not on disk within the time of this call");
      }
    }
    return ticket.status;
  }

  // The caller found that nobody writes.
  void WriteBatch(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    writing_since_ = std::chrono::steady_clock::now();
    const auto batch_end = waiting_.begin() + static_cast<ptrdiff_t>(std::min(waiting_.size(), kMaxBatchLeaves));
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(batch_end));
    waiting_.erase(waiting_.begin(), batch_end);
    lock.unlock();
    std::vector<std::string> contents;
    contents.reserve(batch.size());
    for (const Waiting& leaf : batch) contents.push_back(leaf.content);
    const absl::Status status = Write(contents);
    lock.lock();
    writing_ = false;
    if (status.ok()) {
      Finish(batch, absl::OkStatus());
      Tell(kLogCondition, absl::OkStatus(), log_told_);  // it may have been slow
    } else {
      Fail(status, std::move(batch));
    }
    changed_.notify_all();
  }

  static void Finish(std::span<Waiting> leaves, const absl::Status& status) {
    for (Waiting& leaf : leaves) {
      if (leaf.ticket == nullptr) continue;
      leaf.ticket->done = true;
      leaf.ticket->status = status;
      leaf.ticket = nullptr;
    }
  }

  // Tells all who wait, and keeps what must land, in its order.
  void Fail(const absl::Status& status, std::vector<Waiting> batch) {
    failure_ = absl::UnavailableError(absl::StrCat("the audit log refuses: ", std::string(status.message())));
    if (failed_at_ == absl::InfinitePast()) failed_at_ = options_.clock->Now();
    std::vector<Waiting> all = std::move(batch);
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
    waiting_.clear();
    for (const Waiting& leaf : all) refused_ += leaf.ticket != nullptr ? 1 : 0;
    Finish(all, failure_);
    std::erase_if(all, [](const Waiting& leaf) { return !leaf.must_land; });
    std::move(all.begin(), all.end(), std::back_inserter(waiting_));
    Tell(kLogCondition, failure_, log_told_);
  }

  // Reports a change; `told`: a failure was reported last.
  void Tell(std::string_view condition, const absl::Status& status, bool& told) {
    if (told == !status.ok()) return;
    told = !status.ok();
    if (options_.report) options_.report(condition, status);
  }

  void KeepUp() {
    std::unique_lock lock(mutex_);
    if (writing_) {
      if (failure_.ok() && std::chrono::steady_clock::now() - writing_since_ > kSlowWrite) {
        Tell(kLogCondition, absl::UnavailableError("the audit log: a write does not return"), log_told_);
      }
    } else if (!failure_.ok()) {
      GoOn(lock);
    } else if (abandoned_) {
      abandoned_ = false;
      while (failure_.ok() && !writing_ && !waiting_.empty()) WriteBatch(lock);
    }
  }

  // Tries to end a failure. What waited goes first, then the leaf that says how long nothing was written.
  void GoOn(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    writing_since_ = std::chrono::steady_clock::now();
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    const uint64_t told = std::min<uint64_t>(refused_, UINT32_MAX);
    Leaf gap{.kind = Kind::kRefusal,
             .time = failed_at_,
             .identity = options_.process,
             .verb = std::string(kLogCondition),
             .outcome = "UNAVAILABLE",
             .count = static_cast<uint32_t>(told)};
    lock.unlock();
    std::vector<std::string> contents;
    for (const Waiting& leaf : batch) contents.push_back(leaf.content);
    contents.push_back(EncodeLeaves(gap).front());
    absl::Status status = MakeWritable();
    for (size_t first = 0; status.ok() && first < contents.size(); first += kMaxBatchLeaves) {
      const auto begin = contents.begin() + static_cast<ptrdiff_t>(first);
      const auto end = contents.begin() + static_cast<ptrdiff_t>(std::min(contents.size(), first + kMaxBatchLeaves));
      status = Write({begin, end});
      // What is on disk is not written twice.
      if (status.ok()) batch.erase(batch.begin(), batch.begin() + std::min<ptrdiff_t>(end - begin, std::ssize(batch)));
    }
    lock.lock();
    writing_ = false;
    if (status.ok()) {
      // Refused while the disk was written.
      gap.count = static_cast<uint32_t>(std::min<uint64_t>(refused_ - told, UINT32_MAX));
      if (gap.count > 0)
        waiting_.push_back({.content = EncodeLeaves(gap).front(), .must_land = true, .ticket = nullptr});
      failure_ = absl::OkStatus();
      failed_at_ = absl::InfinitePast();
      refused_ = 0;
      abandoned_ = !waiting_.empty();  // and what must land that came meanwhile: nobody waits for it
      Tell(kLogCondition, absl::OkStatus(), log_told_);
    } else {
      waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    }
    changed_.notify_all();
  }

  absl::Status MakeWritable() {
    struct statvfs disk = {};
    if (::statvfs(options_.folder.c_str(), &disk) != 0) return SystemError("look at the room of the audit folder");
    if (disk.f_bavail * disk.f_frsize < kRoomBytes) return absl::UnavailableError("no room");
    GH_RETURN_IF_ERROR(segment_->CutBack(options_.folder));
    if (segment_->distrusted()) return BeginSegment(segment_->number() + 1, segment_->hash());
    return KeepHead(segment_->size());
  }

  absl::Status Write(const std::vector<std::string>& contents) {
    if (segment_->SizeWith(contents) > options_.max_segment_bytes) {
      GH_RETURN_IF_ERROR(BeginSegment(segment_->number() + 1, segment_->hash()));
    }
    // Announced, so that whoever finds more bytes than that knows that they are not ours.
    GH_RETURN_IF_ERROR(KeepHead(segment_->SizeWith(contents)));
    GH_RETURN_IF_ERROR(segment_->Append(contents));
    leaves_ += contents.size();
    return KeepHead(segment_->size());
  }

  absl::Status BeginSegment(uint32_t number, const Hash& previous_head) {
    GH_ASSIGN_OR_RETURN(SegmentWriter segment,
                        SegmentWriter::Create(options_.folder, {.number = number,
                                                                .start_time = options_.clock->Now(),
                                                                .leaves_before = leaves_,
                                                                .previous_head = previous_head,
                                                                .process = options_.process}));
    segment_ = std::make_unique<SegmentWriter>(std::move(segment));
    GH_RETURN_IF_ERROR(KeepHead(segment_->size()));
    if (::fdatasync(head_file_.fd()) != 0) return SystemError("sync the head file");
    return absl::OkStatus();
  }

  absl::Status KeepHead(uint64_t writing_bytes, bool closed = false) {
    const Head head{.segment = segment_->number(),
                    .leaves = leaves_,
                    .hash = segment_->hash(),
                    .size_bytes = segment_->size(),
                    .writing_bytes = writing_bytes,
                    .closed = closed,
                    .boot = boot_};
    return WriteHead(head_file_.fd(), head, HeadPath(options_.folder));
  }

  const Options options_;
  const File lock_;
  LookupKeys keys_;
  const std::string boot_;
  File head_file_;

  // Of the thread that writes; handed on under the mutex.
  std::unique_ptr<SegmentWriter> segment_;
  uint64_t leaves_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool writing_ = false;
  std::chrono::steady_clock::time_point writing_since_;
  bool abandoned_ = false;                           // a caller gave up, so nobody may wait for what waits
  std::unordered_map<std::string, int> open_calls_;  // intent on disk, outcome still to come; by call id
  absl::Status failure_;
  absl::Time failed_at_ = absl::InfinitePast();
  uint64_t refused_ = 0;  // leaves, since then
  bool log_told_ = false;
  bool keys_failed_ = false;
  base::Periodic upkeep_;  // last: it uses the others
};

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> Open(const Options& options) {
  if (options.process.size() > kMaxTextBytes) return absl::InvalidArgumentError("audit: the process name is too long");
  GH_RETURN_IF_ERROR(MakeFolder(options.folder));
  GH_ASSIGN_OR_RETURN(File lock, LockFolder(options.folder));
  GH_ASSIGN_OR_RETURN(const ChainEnd end, RecoverFolder(options.folder));
  auto log = std::make_unique<FileLog>(options, std::move(lock), end);
  GH_RETURN_IF_ERROR(log->Start(end));
  return log;
}

}  // namespace gatehouse::audit
