// The segment that a log appends to, and the head file that goes with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/audit/folder.h"
#include "libs/audit/segment.h"

namespace gatehouse::audit {

// One segment open for appending. Used by one thread at a time.
class SegmentWriter {
 public:
  // Creates the segment that `header` describes. A crash leaves it whole or absent: it is written aside, synced, then
  // renamed. After an error nothing of it is left, as far as the disk lets us; CutBack removes the rest.
  static absl::StatusOr<SegmentWriter> Create(const std::string& folder, const SegmentHeader& header);

  // How large the file is once these contents are appended.
  size_t SizeWith(const std::vector<std::string>& contents) const;
  // Appends the records of a batch and syncs once. After an error the file is cut back to what was acknowledged, as
  // far as the disk lets us, and nothing more may be appended before CutBack has succeeded.
  absl::Status Append(const std::vector<std::string>& contents);
  // After an error: cuts the file to what was acknowledged, removes a segment behind it that was begun in vain, and
  // reads back what is there. DATA_LOSS when that is not what was acknowledged.
  absl::Status CutBack(const std::string& folder);
  // A sync failed: what the kernel then still has of the pages is not known, so a new segment is to begin.
  bool distrusted() const { return distrusted_; }

  uint32_t number() const { return number_; }
  size_t size() const { return size_; }
  const Hash& hash() const { return hash_; }

 private:
  std::string path_;
  File file_;
  uint32_t number_ = 0;
  size_t size_ = 0;
  Hash hash_ = {};
  bool distrusted_ = false;
};

}  // namespace gatehouse::audit
