#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"
#include "libs/audit/folder.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

// Enough for any header.
constexpr size_t kHeaderBytes = 8 + 4 + 8 + 8 + 32 + 2 + kMaxTextBytes + 32;

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

// Where a folder's chain ends.
struct ChainEnd {
  uint32_t segment = 0;
  uint64_t leaves = 0;
  Hash hash = {};
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

  // The first caller that finds nobody writing takes everything that waits, writes it as one batch with one sync, and
  // wakes the others: while it syncs, the next batch gathers. Each waiting thread has one leaf, so the number of
  // threads bounds the batch.
  absl::Status Append(const Leaf& leaf) override {
    GH_ASSIGN_OR_RETURN(std::string content, EncodeLeaf(leaf));
    std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(content));
    const uint64_t ticket = ++last_ticket_;
    while (true) {
      if (durable_ticket_ >= ticket) return absl::OkStatus();
      if (!failure_.ok()) return failure_;
      if (writing_) {
        changed_.wait(lock);
        continue;
      }
      writing_ = true;
      const std::vector<std::string> batch = std::exchange(waiting_, {});
      const uint64_t batch_end = last_ticket_;
      lock.unlock();
      absl::Status status = Write(batch);
      lock.lock();
      writing_ = false;
      if (status.ok()) {
        durable_ticket_ = batch_end;
      } else {
        failure_ = absl::UnavailableError(
            absl::StrCat("the audit log refuses until restart: ", std::string(status.message())));
        waiting_.clear();
      }
      changed_.notify_all();
    }
  }

 private:
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
  std::vector<std::string> waiting_;
  uint64_t last_ticket_ = 0;
  uint64_t durable_ticket_ = 0;
  bool writing_ = false;
  absl::Status failure_;
};

absl::Status Broken(uint32_t segment, std::string_view reason) {
  return absl::DataLossError(
      absl::StrCat("audit: segment ", segment, ": ", std::string(reason), "; see `gatehouse audit verify`"));
}

// The first bytes and the last hash of a segment that is complete.
absl::StatusOr<std::pair<SegmentHeader, Hash>> ReadEnds(uint32_t number, const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  std::string front(kHeaderBytes, '\0');
  const ssize_t got = ::pread(file.fd(), front.data(), front.size(), 0);
  const off_t size = ::lseek(file.fd(), 0, SEEK_END);
  Hash hash = {};
  if (got < 0 || size < 0) return SystemError(absl::StrCat("read ", path));
  front.resize(static_cast<size_t>(got));
  absl::StatusOr<SegmentReader> reader = SegmentReader::Make(front);
  if (!reader.ok()) return Broken(number, std::string(reader.status().message()));
  if (::pread(file.fd(), hash.data(), hash.size(), size - static_cast<off_t>(hash.size())) !=
      static_cast<ssize_t>(hash.size())) {
    return SystemError(absl::StrCat("read ", path));
  }
  return std::pair(reader->header(), hash);
}

// Walks the newest segment, cuts an unfinished tail, and compares it with the head file.
absl::StatusOr<ChainEnd> RepairNewest(uint32_t number, const std::string& path, const std::optional<Head>& head) {
  GH_ASSIGN_OR_RETURN(const std::string bytes, ReadSegment(path));
  absl::StatusOr<SegmentReader> made = SegmentReader::Make(bytes);
  if (!made.ok()) return Broken(number, std::string(made.status().message()));
  SegmentReader reader = *std::move(made);
  const uint64_t before = reader.header().leaves_before;
  bool head_found = !head.has_value() || head->segment < number;
  const auto look_for_head = [&] {
    const uint64_t leaves = before + static_cast<uint64_t>(reader.number());
    if (head.has_value() && head->leaves == leaves && head->hash == reader.head()) head_found = true;
  };
  look_for_head();
  SegmentReader::State state;
  while ((state = reader.Next()) == SegmentReader::State::kLeaf) {
    if (!reader.matches()) return Broken(number, absl::StrCat("leaf ", reader.number(), " does not match its hash"));
    look_for_head();
  }
  if (state == SegmentReader::State::kBroken) {
    return Broken(number, absl::StrCat("leaf ", reader.number() + 1, " has an impossible length"));
  }
  if (!head_found) return Broken(number, "leaves that were acknowledged are missing");
  if (!head.has_value() && before + static_cast<uint64_t>(reader.number()) > 0) {
    return Broken(number, "the head file is missing");
  }
  if (state == SegmentReader::State::kUnfinished) {
    const File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.is_open() || ::ftruncate(file.fd(), static_cast<off_t>(reader.end_offset())) != 0 ||
        ::fdatasync(file.fd()) != 0) {
      return SystemError(absl::StrCat("truncate ", path));
    }
  }
  return ChainEnd{.segment = number, .leaves = before + static_cast<uint64_t>(reader.number()), .hash = reader.head()};
}

absl::StatusOr<ChainEnd> FindEnd(const std::string& folder) {
  GH_ASSIGN_OR_RETURN(const auto segments, ListSegments(folder));
  GH_ASSIGN_OR_RETURN(const std::optional<Head> head, ReadHead(folder));
  if (segments.empty()) {
    if (head.has_value()) return Broken(head->segment, "every segment is missing");
    return ChainEnd{};
  }
  const uint32_t newest = segments.rbegin()->first;
  if (head.has_value() && head->segment > newest) return Broken(head->segment, "the segment is missing");
  uint32_t expected = 1;
  Hash previous = {};
  for (const auto& [number, path] : segments) {
    if (number != expected++) return Broken(number - 1, "the segment is missing");
    GH_ASSIGN_OR_RETURN(const auto ends, ReadEnds(number, path));
    if (ends.first.number != number) return Broken(number, "the file was renamed");
    if (ends.first.previous_head != previous) return Broken(number, "does not continue the segment before it");
    previous = ends.second;
  }
  return RepairNewest(newest, segments.rbegin()->second, head);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> Open(const Options& options) {
  if (options.process.size() > kMaxTextBytes) return absl::InvalidArgumentError("audit: the process name is too long");
  GH_RETURN_IF_ERROR(MakeFolder(options.folder));
  GH_ASSIGN_OR_RETURN(File lock, LockFolder(options.folder));
  GH_ASSIGN_OR_RETURN(const ChainEnd end, FindEnd(options.folder));
  auto log = std::make_unique<FileLog>(options, std::move(lock), end);
  GH_RETURN_IF_ERROR(log->Start(end));
  return log;
}

}  // namespace gatehouse::audit
