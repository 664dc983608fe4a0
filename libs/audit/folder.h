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

// The end of the chain as of the last acknowledged leaf, kept in the file `head`.
struct Head {
  uint32_t segment = 0;
  uint64_t leaves = 0;  // over all segments
  Hash hash = {};
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

// Makes the folder when absent, mode 0700, and syncs its parent.
absl::Status MakeFolder(const std::string& folder);
// Held until closed. FAILED_PRECONDITION when another process holds it.
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

}  // namespace gatehouse::audit
