// Taking closed segments out of an audit folder: to an archive, where the chain is walked on (Verify's `archive`), or
// away for good when their retention is over. What stays behind says where the chain was cut, with a signature: `taken`
// and `taken.jws` (docs/formats/audit-segment.md). May run beside the process that appends: it touches closed segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::audit {

struct ArchiveOptions {
  std::string folder;
  std::string archive;  // made when absent, mode 0700; empty: the segments are destroyed
  absl::Time before;    // segments that were closed then
  absl::Time now;
  // Signs a text of kind "json" and returns what VerifySignedText of libs/seal reads.
  std::function<std::string(std::string_view text)> sign;
  // Told of segments done and to do. May be empty.
  std::function<void(size_t done, size_t total)> progress;
};

struct Archived {
  uint32_t segments = 0;
  uint64_t leaves = 0;
  uint32_t last_segment = 0;  // taken so far, earlier times included; 0: none ever
  std::string head;           // hex hash at its end
};

// Each segment is read in full before it goes: DATA_LOSS when the chain does not hold, and nothing is taken. Cut short,
// it is done again. FAILED_PRECONDITION when another archiving is under way, or the archive does not end where the
// folder begins. UNAVAILABLE when the disk refuses. Nothing to take is no error.
absl::StatusOr<Archived> Archive(const ArchiveOptions& options);

// The text that is signed: what was taken, for whoever compares it with a Report.
std::string TakenText(uint32_t last_segment, uint64_t leaves, const std::string& head);
// The signed text of a folder as it stands there; NOT_FOUND when nothing was taken.
absl::StatusOr<std::string> ReadSignedTaken(const std::string& folder);
// What a folder itself says of what was taken from it, in the words of TakenText; NOT_FOUND when nothing was.
absl::StatusOr<std::string> ReadTakenText(const std::string& folder);

}  // namespace gatehouse::audit
