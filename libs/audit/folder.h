// The files of an audit folder: segments, the head, the lock. The only part of libs/audit that talks to the system,
// besides the writing in log.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/audit/segment.h"

namespace gatehouse::audit {

// The end of the chain as of the last acknowledged leaf, kept in the file `head`, and how far a write may have gone
// that was begun since.
struct Head {
  uint32_t segment = 0;
  uint64_t leaves = 0;  // over all segments
  Hash hash = {};
  uint64_t size_bytes = 0;     // of the segment, up to that leaf
  uint64_t writing_bytes = 0;  // of the segment once the write that is under way is whole
  bool closed = false;         // by an orderly end: nothing may follow
  std::string boot;            // the start of the machine (BootId) during which this was written; may be unknown
};

// The last segment that was archived or destroyed, kept in the file `taken`.
struct Taken {
  uint32_t segment = 0;
  uint64_t leaves = 0;  // up to its end
  Hash hash = {};       // at its end
};

// A file descriptor that closes itself.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// UNAVAILABLE with what was tried and what the system said (errno).
absl::Status SystemError(const std::string& what);

std::string SegmentPath(const std::string& folder, uint32_t number);
std::string HeadPath(const std::string& folder);
std::string TakenPath(const std::string& folder);

// The kernel's id of this start of the machine; zeros when it does not say.
std::string BootId();

// Makes the folder when absent, mode 0700, and syncs its parent. FAILED_PRECONDITION with the chmod to do when one is
// there that group or others may write to.
absl::Status MakeFolder(const std::string& folder);
// Held until closed. FAILED_PRECONDITION when another process holds it, UNAVAILABLE when the file is a link.
absl::StatusOr<File> LockFolder(const std::string& folder);
absl::Status SyncFolder(const std::string& folder);

// By number. NOT_FOUND when the folder is absent.
absl::StatusOr<std::map<uint32_t, std::string>> ListSegments(const std::string& folder);
// DATA_LOSS when the file is larger than a segment may be.
absl::StatusOr<std::string> ReadSegment(const std::string& path);

// Writes all bytes at the file's end, or says why not.
absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path);
// In place: one small write that a crash of the process cannot tear. Not synced: an old head only checks less.
absl::Status WriteHead(int fd, const Head& head, const std::string& path);
// Nothing when the file is absent; DATA_LOSS when it is malformed.
absl::StatusOr<std::optional<Head>> ReadHead(const std::string& folder);

std::string TakenLine(const Taken& taken);
absl::StatusOr<std::optional<Taken>> ReadTaken(const std::string& folder);

// Whole or not at all, and synced: written aside, then renamed. Mode 0600.
absl::Status WriteFileWhole(const std::string& folder, const std::string& name, std::string_view bytes);

// What the newest segment holds, for CheckTail.
struct NewestEnd {
  uint32_t segment = 0;
  uint64_t file_bytes = 0;
  uint64_t header_bytes = 0;
};
// OK when what stands behind the acknowledged leaves may be what a write of the log's process left there: DATA_LOSS
// with the number of bytes otherwise. After a loss of power the head may be old, and then only the hashes speak.
absl::Status CheckTail(const Head& head, const NewestEnd& end);

}  // namespace gatehouse::audit
