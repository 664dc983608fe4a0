#include "libs/audit/archive.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/folder.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

constexpr char kSignedName[] = "taken.jws";

absl::StatusOr<File> LockArchiving(const std::string& folder) {
  const std::string path = folder + "/archive.lock";
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("audit: segments of ", folder, " are being taken already"));
  }
  return file;
}

// A segment that goes, and where the chain stands behind it.
struct Candidate {
  std::string path;
  Taken end;
};

absl::Status Broken(uint32_t number, std::string_view reason) {
  return absl::DataLossError(absl::StrCat("audit: segment ", number, ": ", std::string(reason),
                                          "; nothing was taken, see `gatehouse audit verify`"));
}

// The whole segment continues `before` and holds what its hashes say.
absl::StatusOr<Taken> Walk(uint32_t number, const std::string& bytes, const Taken& before) {
  absl::StatusOr<SegmentReader> made = SegmentReader::Make(bytes);
  if (!made.ok()) return Broken(number, std::string(made.status().message()));
  SegmentReader reader = *std::move(made);
  if (number != before.segment + 1 || reader.header().number != number) return Broken(number, "is not the next");
  if (reader.header().previous_head != before.hash || reader.header().leaves_before != before.leaves) {
    return Broken(number, "does not continue the segment before it");
  }
  SegmentReader::State state;
  while ((state = reader.Next()) == SegmentReader::State::kLeaf) {
    if (!reader.matches()) return Broken(number, absl::StrCat("leaf ", reader.number(), " does not match its hash"));
  }
  if (state != SegmentReader::State::kEnd) return Broken(number, "does not end with a leaf");
  return Taken{
      .segment = number, .leaves = before.leaves + static_cast<uint64_t>(reader.number()), .hash = reader.head()};
}

// Whole or not at all; one that is there already must be the same.
absl::Status Copy(uint32_t number, const std::string& bytes, const std::string& archive) {
  const std::string path = SegmentPath(archive, number);
  if (std::filesystem::exists(path)) {
    GH_ASSIGN_OR_RETURN(const std::string there, ReadSegment(path));
    return there == bytes ? absl::OkStatus() : Broken(number, "the archive holds another one of this number");
  }
  return WriteFileWhole(archive, std::filesystem::path(path).filename().string(), bytes);
}

// The archive is a folder like any other: its head says that nothing may follow.
absl::Status CloseArchive(const std::string& archive, const Taken& end, size_t size_bytes) {
  const std::string path = HeadPath(archive);
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  const Head head{.segment = end.segment,
                  .leaves = end.leaves,
                  .hash = end.hash,
                  .size_bytes = size_bytes,
                  .writing_bytes = size_bytes,
                  .closed = true,
                  .boot = BootId()};
  GH_RETURN_IF_ERROR(WriteHead(file.fd(), head, path));
  if (::fdatasync(file.fd()) != 0) return SystemError(absl::StrCat("sync ", path));
  return SyncFolder(archive);
}

absl::Status CheckArchive(const std::string& archive, uint32_t first) {
  GH_RETURN_IF_ERROR(MakeFolder(archive));
  GH_ASSIGN_OR_RETURN(const auto there, ListSegments(archive));
  GH_ASSIGN_OR_RETURN(const std::optional<Taken> destroyed, ReadTaken(archive));
  const uint32_t last = !there.empty() ? there.rbegin()->first : destroyed.has_value() ? destroyed->segment : 0;
  // One that was cut short may have copied some of these.
  if (last + 1 >= first) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("audit: the archive ", archive, " ends with segment ", last, ", the folder begins with ", first));
}

// Copies left by an archiving that was cut short between its last two steps.
absl::Status RemoveTaken(const std::map<uint32_t, std::string>& segments, const Taken& taken) {
  for (const auto& [number, path] : segments) {
    if (number > taken.segment) break;
    // Gone already: a round that was cut short had come as far as this.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError(absl::StrCat("remove ", path));
  }
  return absl::OkStatus();
}

// The segments that were closed before a time, in order.
absl::StatusOr<std::vector<std::pair<uint32_t, std::string>>> ClosedBefore(
    const std::map<uint32_t, std::string>& segments, uint32_t behind, absl::Time before, absl::Time now,
    bool all_closed) {
  std::vector<std::pair<uint32_t, std::string>> closed;
  for (auto segment = segments.upper_bound(behind); segment != segments.end(); ++segment) {
    const auto next = std::next(segment);
    if (next == segments.end()) {
      // The newest of a log is open; that of an archive is not, and is as old as its file.
      if (!all_closed) break;
      const auto written = std::filesystem::last_write_time(segment->second);
      const auto age = std::filesystem::file_time_type::clock::now() - written;
      if (now - absl::FromChrono(age) > before) break;
    } else {
      GH_ASSIGN_OR_RETURN(const std::string bytes, ReadSegment(next->second));
      GH_ASSIGN_OR_RETURN(const SegmentReader reader, SegmentReader::Make(bytes));
      if (reader.header().start_time > before) break;
    }
    closed.emplace_back(segment->first, segment->second);
  }
  return closed;
}

}  // namespace

std::string TakenText(uint32_t last_segment, uint64_t leaves, const std::string& head) {
  return absl::StrCat("{\"audit_segments_taken\":", last_segment, ",\"leaves\":", leaves, ",\"head\":\"", head, "\"}");
}

absl::StatusOr<std::string> ReadSignedTaken(const std::string& folder) {
  std::ifstream file(absl::StrCat(folder, "/", kSignedName), std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("no ", kSignedName, " in ", folder));
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<std::string> ReadTakenText(const std::string& folder) {
  GH_ASSIGN_OR_RETURN(const std::optional<Taken> taken, ReadTaken(folder));
  if (!taken.has_value()) return absl::NotFoundError("nothing was taken");
  return TakenText(taken->segment, taken->leaves, Hex(taken->hash));
}

absl::StatusOr<Archived> Archive(const ArchiveOptions& options) {
  GH_ASSIGN_OR_RETURN(const File lock, LockArchiving(options.folder));
  GH_ASSIGN_OR_RETURN(const auto segments, ListSegments(options.folder));
  GH_ASSIGN_OR_RETURN(const std::optional<Taken> earlier, ReadTaken(options.folder));
  Taken end = earlier.value_or(Taken{});
  if (earlier.has_value()) GH_RETURN_IF_ERROR(RemoveTaken(segments, *earlier));
  GH_ASSIGN_OR_RETURN(const std::optional<Head> head, ReadHead(options.folder));
  const bool is_archive = head.has_value() && head->closed && options.archive.empty();
  GH_ASSIGN_OR_RETURN(auto closed, ClosedBefore(segments, end.segment, options.before, options.now, is_archive));
  Archived done{.last_segment = end.segment};
  if (!closed.empty() && !options.archive.empty()) {
    GH_RETURN_IF_ERROR(CheckArchive(options.archive, closed.front().first));
  }
  const uint64_t leaves_before = end.leaves;
  for (const auto& [number, path] : closed) {
    GH_ASSIGN_OR_RETURN(const std::string bytes, ReadSegment(path));
    GH_ASSIGN_OR_RETURN(end, Walk(number, bytes, end));
    if (!options.archive.empty()) {
      GH_RETURN_IF_ERROR(Copy(number, bytes, options.archive));
      if (number == closed.back().first) GH_RETURN_IF_ERROR(CloseArchive(options.archive, end, bytes.size()));
    }
    ++done.segments;
    if (options.progress) options.progress(done.segments, closed.size());
  }
  if (!closed.empty()) {
    // What was taken is said before anything is removed: a crash between leaves copies, which are passed over.
    const std::string text = TakenText(end.segment, end.leaves, Hex(end.hash));
    GH_RETURN_IF_ERROR(WriteFileWhole(options.folder, kSignedName, options.sign(text)));
    GH_RETURN_IF_ERROR(WriteFileWhole(options.folder, "taken", TakenLine(end)));
    GH_RETURN_IF_ERROR(RemoveTaken(segments, end));
    GH_RETURN_IF_ERROR(SyncFolder(options.folder));
  }
  done.leaves = end.leaves - leaves_before;
  done.last_segment = end.segment;
  done.head = end.segment == 0 ? "" : Hex(end.hash);
  return done;
}

}  // namespace gatehouse::audit
