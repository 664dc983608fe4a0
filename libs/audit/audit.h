// The audit log: who saw or changed what about a person, and why. Each process appends leaves to its own segment files,
// hash-chained (RFC 9162 leaf hashing: SHA-256 over 0x00 and the leaf; each leaf names the hash of the one before),
// with group sync: Append returns when its leaf is on disk, together with whatever else waited. A call that touches a
// person appends its intent before it runs and its outcome after, and the answer waits for both; when Append fails the
// call is refused. Leaves hold ids, never names or numbers of documents. Segment file: docs/formats/audit-segment.md.
// `gatehouse audit verify` is Verify below.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::audit {

inline constexpr size_t kMaxLeafBytes = 16 * 1024;
inline constexpr int64_t kMaxSegmentBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxSubjects = 1100;

enum class Kind { kIntent, kOutcome, kRefusal };

struct Leaf {
  Kind kind = Kind::kIntent;
  absl::Time time;
  std::string call_id;                // ties the outcome to its intent
  std::string identity;               // the certificate identity of the caller
  std::string officer;                // the named human when forwarded or the caller itself; may be empty
  std::string role;                   // the role that was used
  std::string purpose;                // why, for example border_inspection
  std::string verb;                   // /gatehouse.inspection.v1.InspectionService/Inspect
  std::vector<std::string> subjects;  // ids of persons, inspections, crossings
  std::string outcome;                // OK or a status code word; empty for an intent
};

// Thread-safe. One Log per folder and process (a lock file refuses a second).
class Log {
 public:
  virtual ~Log() = default;
  // Durable on return. UNAVAILABLE when the disk refuses: the caller refuses its answer. After a failed write the log
  // stays refusing, because it can no longer promise its chain, until the process restarts.
  virtual absl::Status Append(const Leaf& leaf) = 0;
};

struct Options {
  std::string folder;   // made when absent, mode 0700
  std::string process;  // the process's name, in every segment header
};

// Opens the folder, truncates an unfinished last leaf (a crash in mid-write; nothing acknowledged is lost), continues
// the chain. DATA_LOSS when the existing chain does not verify.
absl::StatusOr<std::unique_ptr<Log>> Open(const Options& options);

struct Report {
  int segments = 0;
  int64_t leaves = 0;
  int64_t intents_without_outcome = 0;  // calls in flight, or a crash
  std::string head;                     // hex hash of the last leaf
  std::vector<std::string> problems;    // one sentence each; empty when the chain holds
};

// Walks every segment of a folder. An error status only when the folder cannot be read.
absl::StatusOr<Report> Verify(const std::string& folder);

// Reads leaves for display, oldest first, at most `limit`.
absl::StatusOr<std::vector<Leaf>> ReadLeaves(const std::string& folder, int limit);

}  // namespace gatehouse::audit
