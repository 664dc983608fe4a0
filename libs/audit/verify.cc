#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"
#include "libs/audit/folder.h"
#include "libs/audit/intents.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

// Walks a chain and keeps what is wrong with it. One change should read as one problem: after each the walk goes on
// from what is stored.
class Verifier {
 public:
  Verifier(const absl::StatusOr<std::optional<Head>>& head, std::string_view known_head)
      : head_(head.ok() ? *head : std::nullopt), known_head_(known_head) {
    if (!head.ok()) problems().push_back(std::string(head.status().message()));
    head_expected_ = head.ok();
  }

  // The chain begins behind what was taken away, which its first segment must continue.
  void BeginBehind(const Taken& taken) {
    expected_ = taken.segment + 1;
    end_ = taken.hash;
    leaves_in_chain_ = taken.leaves;
    report_.taken_segments = taken.segment;
    report_.taken_head = Hex(taken.hash);
    LookForHeads(taken.hash);
  }

  // At the place between an archive and its folder.
  void ExpectTaken(const Taken& taken) {
    if (expected_ != taken.segment + 1 || (chain_known_ && end_ != taken.hash)) {
      Problem(taken.segment, "the archive does not end where the folder says that its segments were taken away");
    }
  }

  void WalkSegment(uint32_t number, const absl::StatusOr<std::string>& bytes, bool newest) {
    for (uint32_t missing = expected_; missing < number && HasRoom(); ++missing)
      Problem(missing, "the file is missing");
    const bool follows = number == expected_ && chain_known_;
    expected_ = number + 1;
    ++report_.segments;
    chain_known_ = false;
    if (!bytes.ok()) return Problem(number, std::string(bytes.status().message()));
    absl::StatusOr<SegmentReader> made = SegmentReader::Make(*bytes);
    if (!made.ok()) return Problem(number, std::string(made.status().message()));
    SegmentReader reader = *std::move(made);
    if (reader.header().number != number) Problem(number, absl::StrCat("says it is segment ", reader.header().number));
    if (follows && reader.header().previous_head != end_) Problem(number, "does not continue the segment before it");
    leaves_in_chain_ = reader.header().leaves_before;
    LookForHeads(reader.head());
    WalkLeaves(number, newest, reader);
    newest_ = {.segment = number, .file_bytes = bytes->size(), .header_bytes = reader.header_bytes()};
    end_ = reader.head();
    chain_known_ = true;
  }

  const NewestEnd& newest() const { return newest_; }
  void TailProblem(const absl::Status& tail) { Problem(newest_.segment, std::string(tail.message())); }

  Report Finish() && {
    if (report_.segments == 0 && report_.taken_segments == 0) problems().push_back("the folder holds no segment");
    if (head_expected_ && !head_.has_value() && report_.leaves > 0) {
      problems().push_back("the head file is missing");
    }
    if (head_.has_value() && !head_found_) {
      problems().push_back(absl::StrCat("segment ", head_->segment, ": the head file names leaf ", head_->leaves,
                                        " of the chain, which is not there: acknowledged leaves were removed"));
    }
    if (!known_head_.empty() && !known_head_found_) {
      problems().push_back("the chain does not contain the head that was given");
    }
    if (report_.segments > 0) report_.head = Hex(end_);
    report_.intents_without_outcome = intents_.open();
    return std::move(report_);
  }

 private:
  void WalkLeaves(uint32_t number, bool newest, SegmentReader& reader) {
    SegmentReader::State state;
    while ((state = reader.Next()) == SegmentReader::State::kLeaf) {
      ++report_.leaves;
      ++leaves_in_chain_;
      if (!reader.matches()) {
        Problem(number,
                absl::StrCat("leaf ", reader.number(),
                             " does not match its hash: it, or the leaf before it, was changed, moved or removed"));
      }
      LookForHeads(reader.head());
      absl::StatusOr<Leaf> leaf = DecodeLeaf(reader.content());
      if (leaf.ok()) {
        (void)intents_.Complete(*leaf);  // an outcome may be behind the place where segments were taken away
      } else if (reader.matches()) {
        Problem(number,
                absl::StrCat("leaf ", reader.number(), " cannot be read: ", std::string(leaf.status().message())));
      }
    }
    if (state == SegmentReader::State::kBroken) {
      Problem(number,
              absl::StrCat("leaf ", reader.number() + 1, " has an impossible length: nothing behind it was read"));
    }
    if (state == SegmentReader::State::kUnfinished) {
      // Only the newest segment may end in a write that did not complete; whether it held an acknowledged leaf is what
      // the head file says.
      report_.unfinished_tail = newest;
      if (!newest) Problem(number, absl::StrCat("ends inside leaf ", reader.number() + 1));
    }
  }

  void LookForHeads(const Hash& hash) {
    if (head_.has_value() && head_->hash == hash && head_->leaves == leaves_in_chain_) head_found_ = true;
    if (!known_head_.empty() && Hex(hash) == known_head_) known_head_found_ = true;
  }

  bool HasRoom() { return problems().size() < kMaxProblems; }
  void Problem(uint32_t segment, std::string_view reason) {
    if (HasRoom()) problems().push_back(absl::StrCat("segment ", segment, ": ", std::string(reason)));
  }
  std::vector<std::string>& problems() { return report_.problems; }

  const std::optional<Head> head_;
  const std::string known_head_;
  Report report_;
  uint32_t expected_ = 1;
  NewestEnd newest_;
  // The last hash of the segment before, when that segment could be read.
  Hash end_ = {};
  bool chain_known_ = true;
  uint64_t leaves_in_chain_ = 0;
  bool head_expected_ = true;  // false when its file is there but malformed, which is one problem already
  bool head_found_ = false;
  bool known_head_found_ = false;
  Intents intents_;
};

constexpr int kMaxAttempts = 3;

// `moved`: the log wrote while it was read.
absl::StatusOr<Report> VerifyOnce(const std::string& folder, std::string_view known_head, const std::string& archive,
                                  bool& moved) {
  // The head first: the chain only grows, so what the head names must be there when the segments are read.
  const absl::StatusOr<std::optional<Head>> head = ReadHead(folder);
  GH_ASSIGN_OR_RETURN(auto segments, ListSegments(folder));
  GH_ASSIGN_OR_RETURN(const std::optional<Taken> taken, ReadTaken(folder));
  if (taken.has_value()) segments.erase(segments.begin(), segments.upper_bound(taken->segment));
  Verifier verifier(head, known_head);
  if (!archive.empty()) {
    GH_ASSIGN_OR_RETURN(const auto archived, ListSegments(archive));
    GH_ASSIGN_OR_RETURN(const std::optional<Taken> destroyed, ReadTaken(archive));
    if (destroyed.has_value()) verifier.BeginBehind(*destroyed);
    for (const auto& [number, path] : archived) verifier.WalkSegment(number, ReadSegment(path), /*newest=*/false);
    if (taken.has_value()) verifier.ExpectTaken(*taken);
  } else if (taken.has_value()) {
    verifier.BeginBehind(*taken);
  }
  for (const auto& [number, path] : segments) {
    verifier.WalkSegment(number, ReadSegment(path), number == segments.rbegin()->first);
  }
  // The head again, for the tail: it announces each write before it is made.
  const absl::StatusOr<std::optional<Head>> now = ReadHead(folder);
  if (now.ok() && now->has_value() && !segments.empty()) {
    const absl::Status tail = CheckTail(**now, verifier.newest());
    if (!tail.ok()) verifier.TailProblem(tail);
    moved = !(*now)->closed;
  }
  return std::move(verifier).Finish();
}

}  // namespace

absl::StatusOr<Report> Verify(const std::string& folder, std::string_view known_head, const std::string& archive) {
  absl::StatusOr<Report> report;
  // A log that runs may have cut a failed write back while it was read: what looks wrong then is looked at again.
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    bool moved = false;
    report = VerifyOnce(folder, known_head, archive, moved);
    if (!report.ok() || report->problems.empty() || !moved) break;
  }
  return report;
}

absl::StatusOr<std::vector<Leaf>> ReadLeaves(const std::string& folder, int limit) {
  GH_ASSIGN_OR_RETURN(const auto segments, ListSegments(folder));
  std::vector<Leaf> leaves;
  Intents intents;
  for (const auto& [number, path] : segments) {
    const absl::StatusOr<std::string> bytes = ReadSegment(path);
    if (!bytes.ok()) continue;
    absl::StatusOr<SegmentReader> reader = SegmentReader::Make(*bytes);
    if (!reader.ok()) continue;
    while (reader->Next() == SegmentReader::State::kLeaf) {
      if (leaves.size() >= static_cast<size_t>(limit)) return leaves;
      absl::StatusOr<Leaf> leaf = DecodeLeaf(reader->content());
      if (!leaf.ok()) continue;
      (void)intents.Complete(*leaf);
      leaves.push_back(*std::move(leaf));
    }
  }
  return leaves;
}

}  // namespace gatehouse::audit
