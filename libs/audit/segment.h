// The bytes of a segment (docs/formats/audit-segment.md), pure: bytes in, values out. Log writes them, Verify reads
// them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/audit/audit.h"

namespace gatehouse::audit {

using Hash = std::array<uint8_t, 32>;

std::string Hex(const Hash& hash);

struct SegmentHeader {
  uint32_t number = 0;  // from 1
  absl::Time start_time;
  uint64_t leaves_before = 0;  // in all earlier segments
  Hash previous_head = {};     // the last hash of the segment before; zeros for the first
  std::string process;
};

// The contents of a leaf, without the hash each begins with: one, or several when its subjects do not fit one. Texts
// over their bound are cut with a mark. `documents` and `names` are not looked at: whoever writes them has made
// subjects of them.
std::vector<std::string> EncodeLeaves(const Leaf& leaf);
// Of an outcome the texts that its intent says are empty, and `intent` tells which one that is (intents.h).
absl::StatusOr<Leaf> DecodeLeaf(std::string_view content);

// What ties an outcome to its intent: both give the same. Two calls of one id, verb and caller share it, and all that
// an outcome is told by it.
uint64_t IntentKey(const Leaf& leaf);

// SHA-256(0x00 || previous || content): RFC 9162 section 2.1.1 over the leaf "previous || content".
Hash LeafHash(const Hash& previous, std::string_view content);

// Appends the header to `out` and returns its hash, which the first leaf names.
Hash AppendHeader(const SegmentHeader& header, std::string& out);
// Appends a record to `out` and returns its hash.
Hash AppendRecord(const Hash& previous, std::string_view content, std::string& out);

// Walks a segment record by record, checking each hash.
//   GH_ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::Make(bytes));
//   while (reader.Next() == SegmentReader::State::kLeaf) { use(reader.content(), reader.matches()); }
class SegmentReader {
 public:
  enum class State {
    kLeaf,        // a whole record
    kEnd,         // nothing follows
    kUnfinished,  // the file ends inside a record, or in zeros: a write that did not complete
    kBroken,      // a length that no record has: the rest cannot be framed
  };

  // `bytes` must outlive the reader. DATA_LOSS when the header is not whole or its hash does not match.
  static absl::StatusOr<SegmentReader> Make(std::string_view bytes);

  State Next();
  const SegmentHeader& header() const { return header_; }
  // Of the leaf that Next found; number counts from 1 within the segment.
  std::string_view content() const { return content_; }
  int64_t number() const { return number_; }
  // The stored hash is the hash of its leaf. The walk goes on with the stored one, so that one change is one report.
  bool matches() const { return matches_; }
  // The last stored hash: of the header before the first leaf.
  const Hash& head() const { return head_; }
  // Where the whole records end.
  size_t end_offset() const { return at_; }
  size_t header_bytes() const { return header_bytes_; }

 private:
  SegmentReader() = default;
  bool EndsInZerosBefore(size_t end) const;

  std::string_view bytes_;
  size_t at_ = 0;
  size_t header_bytes_ = 0;
  SegmentHeader header_;
  Hash head_ = {};
  std::string_view content_;
  int64_t number_ = 0;
  bool matches_ = true;
};

}  // namespace gatehouse::audit
