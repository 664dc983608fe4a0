// The audit log: who saw or changed what about a person, and why. Each process appends leaves to its own segment files,
// hash-chained (RFC 9162 leaf hashing: SHA-256 over 0x00 and the leaf; each leaf begins with the hash of the one
// before), with group sync: Append returns when its leaf is on disk, together with whatever else waited. A call that
// touches a person appends its intent before it runs and its outcome after, and the answer waits for both; when Append
// fails the call is refused. Leaves hold ids, and names and numbers of documents only as keyed hashes (lookup_keys.h).
// Bytes, and what is and is not detected: docs/formats/audit-segment.md. `gatehouse audit verify` is Verify below,
// `gatehouse audit search` is search.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/identity.h"
#include "libs/base/random.h"

namespace gatehouse::audit {

inline constexpr size_t kMaxLeafBytes = 64 * 1024;            // encoded; kMaxSubjects ids of 36 characters fit
inline constexpr size_t kMaxSegmentBytes = 64 * 1024 * 1024;  // a new segment begins before this is passed
inline constexpr size_t kMaxSubjects = 1100;
inline constexpr size_t kMaxTextBytes = 1024;  // of each text of a leaf; what is longer is cut, with a mark
inline constexpr size_t kMaxProblems = 100;    // that Verify reports

enum class Kind { kIntent, kOutcome, kRefusal };

// Somebody who is looked for by name, without a document.
struct NamedPerson {
  std::string name;  // in any order of its words
  base::PartialDate birth_date;
};

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
  uint32_t count = 1;                 // calls that a refusal stands for: they are aggregated
  // Subjects that have no id: written as keyed hashes behind `subjects`, never as they are, and never read back.
  std::vector<base::DocumentKey> documents;
  std::vector<NamedPerson> names;
  // Of an outcome that was read: its intent (intents.h), which alone is written with the six texts above. 0 of one that
  // is to be written.
  uint64_t intent = 0;
};

// Thread-safe. One Log per folder and process (a lock file refuses a second).
class Log {
 public:
  virtual ~Log() = default;
  // Blocks; durable on return. A leaf with more subjects than one may have becomes several, in one place of the chain.
  // UNAVAILABLE when the disk refuses, or the look-up key cannot be had: the caller refuses its answer. From the first
  // failed write on the log refuses everything, until it has cut its file back to what it acknowledged, has read that
  // back, and has room again: it tries by itself. The outcomes that came meanwhile, and a leaf that says since when how
  // many were refused, are the first it then writes. DEADLINE_EXCEEDED when the time of the thread (base/deadline.h) is
  // over before the disk answered: the leaf may still be written.
  virtual absl::Status Append(const Leaf& leaf) = 0;
  // For a call that serves another one of this process under the same call id. While that one has its intent on disk
  // and its outcome still to come, this takes the next place in the chain without waiting: it is on disk before that
  // outcome is, and nothing left the process before. Otherwise it is Append.
  virtual absl::Status AppendWithin(const Leaf& leaf) { return Append(leaf); }
};

struct Options {
  std::string folder;                           // made when absent, mode 0700
  std::string process;                          // the process's name, in every segment header; at most kMaxTextBytes
  base::Clock* clock = &base::SystemClock();    // start time of segments
  size_t max_segment_bytes = kMaxSegmentBytes;  // smaller in tests
  std::string keys_folder;                      // of the look-up keys (lookup_keys.h); empty: `folder` and "-keys"
  base::Random* random = &base::SystemRandom();
  // Told when a condition of this name ("audit.log", "audit.keys") begins, with why, and when it is over, with OK. Not
  // called with OK before it was called with another. From any thread; must not append. May be empty.
  std::function<void(std::string_view condition, const absl::Status& status)> report;
};

// Opens the folder, truncates an unfinished last leaf (a crash in mid-write; nothing acknowledged is lost), and
// continues the chain in a new segment. FAILED_PRECONDITION when another process has the folder. DATA_LOSS when the
// existing chain does not verify: the newest segment in full, the older ones by their links, so that a start stays
// short; Verify reads everything. A tail that no write of ours can have left is DATA_LOSS too. UNAVAILABLE when the
// disk refuses.
absl::StatusOr<std::unique_ptr<Log>> Open(const Options& options);

struct Report {
  int segments = 0;
  int64_t leaves = 0;
  int64_t intents_without_outcome = 0;  // calls in flight, or a crash
  bool unfinished_tail = false;         // a leaf that was being written; never acknowledged, so no problem
  std::string head;                     // hex hash at the end of the chain; empty when there is no segment
  uint32_t taken_segments = 0;          // archived or destroyed (archive.h): the chain that was read begins behind them
  std::string taken_head;               // hex hash at their end; empty when none were taken
  std::vector<std::string> problems;    // one sentence each with segment and leaf; empty when the chain holds
};

// Walks every segment of a folder, also while its process appends. `known_head`, when given, is a head that an earlier
// report printed and somebody kept elsewhere: that the chain does not contain it is a problem. `archive`, when given,
// is the folder where archived segments are: they are walked first, and the folder must continue them. NOT_FOUND or
// UNAVAILABLE only when a folder cannot be read.
absl::StatusOr<Report> Verify(const std::string& folder, std::string_view known_head = "",
                              const std::string& archive = "");

// Reads leaves for display, oldest first, at most `limit`. What cannot be read is left out: Verify says what that is.
absl::StatusOr<std::vector<Leaf>> ReadLeaves(const std::string& folder, int limit);

}  // namespace gatehouse::audit
