#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"
#include "libs/audit/folder.h"
#include "libs/audit/recovery.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

// In one write and sync; with leaves at their largest a batch is half a segment.
constexpr size_t kMaxBatchLeaves = kMaxSegmentBytes / 2 / kMaxLeafBytes;
// Leaves of inner calls that nobody waits for; at this many the next one does.
constexpr size_t kMaxUnawaitedLeaves = 4096;

// One segment open for appending. Used by one thread at a time.
class SegmentWriter {
 public:
  // Creates the segment that `header` describes. A crash leaves it whole or absent: it is written aside, synced, then
  // renamed.
  static absl::StatusOr<SegmentWriter> Create(const std::string& folder, const SegmentHeader& header) {
    SegmentWriter writer;
    writer.path_ = SegmentPath(folder, header.number);
    const std::string aside = writer.path_ + ".new";
    writer.file_ = File(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!writer.file_.is_open()) return SystemError(absl::StrCat("create ", aside));
    std::string bytes;
    writer.hash_ = AppendHeader(header, bytes);
    GH_RETURN_IF_ERROR(WriteAll(writer.file_.fd(), bytes, aside));
    if (::fdatasync(writer.file_.fd()) != 0) return SystemError(absl::StrCat("sync ", aside));
    if (::rename(aside.c_str(), writer.path_.c_str()) != 0) return SystemError(absl::StrCat("rename ", aside));
    GH_RETURN_IF_ERROR(SyncFolder(folder));
    writer.number_ = header.number;
    writer.size_ = bytes.size();
    return writer;
  }

  // Appends the records of a batch and syncs once. After an error the file is cut back to what was acknowledged, as
  // far as the disk lets us.
  absl::Status Append(const std::vector<std::string>& contents) {
    std::string bytes;
    Hash hash = hash_;
    for (const std::string& content : contents) hash = AppendRecord(hash, content, bytes);
    absl::Status status = WriteAll(file_.fd(), bytes, path_);
    if (status.ok() && ::fdatasync(file_.fd()) != 0) status = SystemError(absl::StrCat("sync ", path_));
    if (!status.ok()) {
      [[maybe_unused]] const int cut = ::ftruncate(file_.fd(), static_cast<off_t>(size_));
      return status;
    }
    hash_ = hash;
    size_ += bytes.size();
    return absl::OkStatus();
  }

  uint32_t number() const { return number_; }
  size_t size() const { return size_; }
  const Hash& hash() const { return hash_; }

 private:
  std::string path_;
  File file_;
  uint32_t number_ = 0;
  size_t size_ = 0;
  Hash hash_ = {};
};

class FileLog final : public Log {
 public:
  FileLog(Options options, File lock, ChainEnd end)
      : options_(std::move(options)), lock_(std::move(lock)), leaves_(end.leaves) {}

  absl::Status Start(const ChainEnd& end) {
    const std::string path = HeadPath(options_.folder);
    head_file_ = File(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!head_file_.is_open()) return SystemError(absl::StrCat("open ", path));
    return BeginSegment(end.segment + 1, end.hash);
  }

  ~FileLog() override {
    // Nothing is left over unless a call ended without its outcome.
    std::unique_lock lock(mutex_);
    if (failure_.ok()) (void)WaitFor(last_ticket_, lock);
  }

  absl::Status Append(const Leaf& leaf) override {
    absl::StatusOr<std::string> content = EncodeLeaf(leaf);
    std::unique_lock lock(mutex_);
    // Before anything else: what comes behind an outcome, even one that fails, has to wait for itself.
    if (leaf.kind == Kind::kOutcome) CloseCall(leaf.call_id);
    GH_RETURN_IF_ERROR(content.status());
    if (!failure_.ok()) return failure_;
    GH_RETURN_IF_ERROR(WaitFor(Queue(*std::move(content)), lock));
    if (leaf.kind == Kind::kIntent) ++open_calls_[leaf.call_id];
    return absl::OkStatus();
  }

  absl::Status AppendWithin(const Leaf& leaf) override {
    GH_ASSIGN_OR_RETURN(std::string content, EncodeLeaf(leaf));
    std::unique_lock lock(mutex_);
    if (!failure_.ok()) return failure_;
    const bool awaited = !open_calls_.contains(leaf.call_id) || waiting_.size() >= kMaxUnawaitedLeaves;
    const uint64_t ticket = Queue(std::move(content));
    return awaited ? WaitFor(ticket, lock) : absl::OkStatus();
  }

 private:
  uint64_t Queue(std::string content) {
    waiting_.push_back(std::move(content));
    return ++last_ticket_;
  }

  void CloseCall(const std::string& call_id) {
    const auto call = open_calls_.find(call_id);
    if (call != open_calls_.end() && --call->second == 0) open_calls_.erase(call);
  }

  // The first caller that finds nobody writing takes everything that waits, writes it as one batch with one sync, and
  // wakes the others: while it syncs, the next batch gathers. Each calling thread waits with one leaf, so the number of
  // threads, and kMaxUnawaitedLeaves, bound the queue.
  absl::Status WaitFor(uint64_t ticket, std::unique_lock<std::mutex>& lock) {
    while (true) {
      if (durable_ticket_ >= ticket) return absl::OkStatus();
      if (!failure_.ok()) return failure_;
      if (writing_) {
        changed_.wait(lock);
        continue;
      }
      writing_ = true;
      const auto batch_end = waiting_.begin() + static_cast<ptrdiff_t>(std::min(waiting_.size(), kMaxBatchLeaves));
      const std::vector<std::string> batch(std::make_move_iterator(waiting_.begin()),
                                           std::make_move_iterator(batch_end));
      waiting_.erase(waiting_.begin(), batch_end);
      lock.unlock();
      absl::Status status = Write(batch);
      lock.lock();
      writing_ = false;
      if (status.ok()) {
        durable_ticket_ += batch.size();
      } else {
        failure_ = absl::UnavailableError(
            absl::StrCat("the audit log refuses until restart: ", std::string(status.message())));
        waiting_.clear();
      }
      changed_.notify_all();
    }
  }

  absl::Status Write(const std::vector<std::string>& batch) {
    size_t bytes = segment_->size();
    for (const std::string& content : batch) bytes += content.size() + sizeof(uint32_t) + sizeof(Hash);
    if (bytes > options_.max_segment_bytes) GH_RETURN_IF_ERROR(BeginSegment(segment_->number() + 1, segment_->hash()));
    GH_RETURN_IF_ERROR(segment_->Append(batch));
    leaves_ += batch.size();
    return KeepHead();
  }

  absl::Status BeginSegment(uint32_t number, const Hash& previous_head) {
    GH_ASSIGN_OR_RETURN(SegmentWriter segment,
                        SegmentWriter::Create(options_.folder, {.number = number,
                                                                .start_time = options_.clock->Now(),
                                                                .leaves_before = leaves_,
                                                                .previous_head = previous_head,
                                                                .process = options_.process}));
    segment_ = std::make_unique<SegmentWriter>(std::move(segment));
    GH_RETURN_IF_ERROR(KeepHead());
    if (::fdatasync(head_file_.fd()) != 0) return SystemError("sync the head file");
    return absl::OkStatus();
  }

  absl::Status KeepHead() {
    const Head head{.segment = segment_->number(), .leaves = leaves_, .hash = segment_->hash()};
    return WriteHead(head_file_.fd(), head, HeadPath(options_.folder));
  }

  const Options options_;
  const File lock_;
  File head_file_;

  // Of the thread that writes; handed on under the mutex.
  std::unique_ptr<SegmentWriter> segment_;
  uint64_t leaves_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;  // contents of the tickets behind those being written
  uint64_t last_ticket_ = 0;
  uint64_t durable_ticket_ = 0;  // this one and all before it are on disk
  bool writing_ = false;
  std::unordered_map<std::string, int> open_calls_;  // intent on disk, outcome still to come; by call id
  absl::Status failure_;
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
