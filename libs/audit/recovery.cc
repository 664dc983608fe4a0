#include "libs/audit/recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/audit/folder.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

// Enough for any header.
constexpr size_t kHeaderBytes = 8 + 4 + 8 + 8 + 32 + 2 + kMaxTextBytes + 32;

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
  if (head.has_value()) {
    const absl::Status tail =
        CheckTail(*head, {.segment = number, .file_bytes = bytes.size(), .header_bytes = reader.header_bytes()});
    if (!tail.ok()) return Broken(number, std::string(tail.message()));
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

}  // namespace

absl::StatusOr<ChainEnd> RecoverFolder(const std::string& folder) {
  GH_ASSIGN_OR_RETURN(auto segments, ListSegments(folder));
  GH_ASSIGN_OR_RETURN(const std::optional<Head> head, ReadHead(folder));
  GH_ASSIGN_OR_RETURN(const std::optional<Taken> taken, ReadTaken(folder));
  // Copies that a cut-short archiving has not removed yet.
  if (taken.has_value()) segments.erase(segments.begin(), segments.upper_bound(taken->segment));
  if (segments.empty()) {
    const uint32_t taken_segment = taken.has_value() ? taken->segment : 0;
    if (head.has_value() && head->segment > taken_segment) return Broken(head->segment, "every segment is missing");
    if (!taken.has_value()) return ChainEnd{};
    return ChainEnd{.segment = taken->segment, .leaves = taken->leaves, .hash = taken->hash};
  }
  const uint32_t newest = segments.rbegin()->first;
  if (head.has_value() && head->segment > newest) return Broken(head->segment, "the segment is missing");
  uint32_t expected = taken.has_value() ? taken->segment + 1 : 1;
  Hash previous = taken.has_value() ? taken->hash : Hash{};
  for (const auto& [number, path] : segments) {
    if (number != expected++) return Broken(number - 1, "the segment is missing");
    GH_ASSIGN_OR_RETURN(const auto ends, ReadEnds(number, path));
    if (ends.first.number != number) return Broken(number, "the file was renamed");
    if (ends.first.previous_head != previous) return Broken(number, "does not continue the segment before it");
    previous = ends.second;
  }
  return RepairNewest(newest, segments.rbegin()->second, head);
}

}  // namespace gatehouse::audit
