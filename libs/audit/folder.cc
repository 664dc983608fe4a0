#include "libs/audit/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

constexpr std::string_view kSegmentSuffix = ".seg";
constexpr size_t kNumberDigits = 8;
// "SSSSSSSS LLLLLLLLLLLLLLLLLLLL " and 64 hex digits.
constexpr size_t kChainEndBytes = 8 + 1 + 20 + 1 + 64;
constexpr size_t kBootBytes = 36;
constexpr std::string_view kUnknownBoot = "00000000-0000-0000-0000-000000000000";
// Behind the chain's end two sizes, a word, the boot id and a line end: always the same size, so it is written in
// place.
constexpr size_t kHeadBytes = kChainEndBytes + 1 + 20 + 1 + 20 + 1 + 4 + 1 + kBootBytes + 1;
constexpr size_t kTakenBytes = kChainEndBytes + 1;
constexpr std::string_view kOpenWord = "open";
constexpr std::string_view kClosedWord = "done";

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  std::string bytes;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::read(file.fd(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(absl::StrCat("read ", path));
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
    if (bytes.size() > max_bytes) return absl::DataLossError(absl::StrCat(path, " is larger than it may be"));
  }
}

std::string ChainEndText(uint32_t segment, uint64_t leaves, const Hash& hash) {
  return absl::StrFormat("%08d %020d %s", segment, leaves, Hex(hash));
}

// The reverse, of the first kChainEndBytes of `text`.
std::optional<Taken> ParseChainEnd(std::string_view text) {
  if (text.size() < kChainEndBytes || text[8] != ' ' || text[29] != ' ') return std::nullopt;
  const auto segment = ParseNumber<uint32_t>(text.substr(0, 8));
  const auto leaves = ParseNumber<uint64_t>(text.substr(9, 20));
  const std::string hex(text.substr(30, 64));
  if (!segment.has_value() || !leaves.has_value()) return std::nullopt;
  if (hex.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  Taken end{.segment = *segment, .leaves = *leaves};
  const std::string bytes = absl::HexStringToBytes(hex);
  std::copy(bytes.begin(), bytes.end(), end.hash.begin());
  return end;
}

}  // namespace

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status SystemError(const std::string& what) {
  return absl::UnavailableError(absl::StrCat("audit: ", what, ": ", std::strerror(errno)));
}

std::string SegmentPath(const std::string& folder, uint32_t number) {
  return absl::StrFormat("%s/%08d.seg", folder, number);
}

std::string HeadPath(const std::string& folder) { return folder + "/head"; }

std::string TakenPath(const std::string& folder) { return folder + "/taken"; }

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id.size() == kBootBytes ? id : std::string(kUnknownBoot);
}

absl::Status SyncFolder(const std::string& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.fd()) != 0) return SystemError(absl::StrCat("sync ", folder));
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::absolute(folder).lexically_normal();
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) == 0) return SyncFolder(path.parent_path().string());
  if (errno != EEXIST) return SystemError(absl::StrCat("make ", folder));
  const absl::Status own = base::CheckOwnFolder(path);
  return own.ok() ? own : absl::FailedPreconditionError(absl::StrCat("audit: ", own.message()));
}

absl::StatusOr<File> LockFolder(const std::string& folder) {
  const std::string path = folder + "/lock";
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("audit: another process writes to ", folder));
  }
  return file;
}

absl::StatusOr<std::map<uint32_t, std::string>> ListSegments(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    const std::string text = absl::StrCat("audit folder ", folder, ": ", error.message());
    return error == std::errc::no_such_file_or_directory ? absl::NotFoundError(text) : absl::UnavailableError(text);
  }
  std::map<uint32_t, std::string> segments;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.size() != kNumberDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) continue;
    const auto number = ParseNumber<uint32_t>(std::string_view(name).substr(0, kNumberDigits));
    if (number.has_value()) segments[*number] = entry.path().string();
  }
  return segments;
}

absl::StatusOr<std::string> ReadSegment(const std::string& path) { return ReadFile(path, kMaxSegmentBytes); }

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(absl::StrCat("write ", path));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteHead(int fd, const Head& head, const std::string& path) {
  const std::string boot = head.boot.size() == kBootBytes ? head.boot : std::string(kUnknownBoot);
  const std::string line =
      absl::StrFormat("%s %020d %020d %s %s\n", ChainEndText(head.segment, head.leaves, head.hash), head.size_bytes,
                      head.writing_bytes, std::string(head.closed ? kClosedWord : kOpenWord), boot);
  const ssize_t written = ::pwrite(fd, line.data(), line.size(), 0);
  if (written != static_cast<ssize_t>(line.size())) return SystemError(absl::StrCat("write ", path));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Head>> ReadHead(const std::string& folder) {
  const std::string path = HeadPath(folder);
  if (!std::filesystem::exists(path)) return std::nullopt;
  GH_ASSIGN_OR_RETURN(const std::string line, ReadFile(path, kHeadBytes));
  // The first start makes it before it has a chain to name. Emptied later it is missed like one that was removed.
  if (line.empty()) return std::nullopt;
  const absl::Status malformed = absl::DataLossError("the head file is malformed");
  const std::optional<Taken> end = ParseChainEnd(line);
  if (!end.has_value() || line.size() != kHeadBytes || line.back() != '\n') return malformed;
  const std::string_view rest = std::string_view(line).substr(kChainEndBytes + 1);
  const auto size = ParseNumber<uint64_t>(rest.substr(0, 20));
  const auto writing = ParseNumber<uint64_t>(rest.substr(21, 20));
  const std::string_view state = rest.substr(42, 4);
  if (!size.has_value() || !writing.has_value() || (state != kOpenWord && state != kClosedWord)) return malformed;
  return Head{.segment = end->segment,
              .leaves = end->leaves,
              .hash = end->hash,
              .size_bytes = *size,
              .writing_bytes = *writing,
              .closed = state == kClosedWord,
              .boot = std::string(rest.substr(47, kBootBytes))};
}

std::string TakenLine(const Taken& taken) { return ChainEndText(taken.segment, taken.leaves, taken.hash) + "\n"; }

absl::StatusOr<std::optional<Taken>> ReadTaken(const std::string& folder) {
  const std::string path = TakenPath(folder);
  if (!std::filesystem::exists(path)) return std::nullopt;
  GH_ASSIGN_OR_RETURN(const std::string line, ReadFile(path, kTakenBytes));
  const std::optional<Taken> taken = ParseChainEnd(line);
  if (!taken.has_value() || line.size() != kTakenBytes) return absl::DataLossError("the file `taken` is malformed");
  return taken;
}

absl::Status WriteFileWhole(const std::string& folder, const std::string& name, std::string_view bytes) {
  const std::string path = absl::StrCat(folder, "/", name);
  const std::string aside = path + ".new";
  ::unlink(aside.c_str());
  const File file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(absl::StrCat("create ", aside));
  GH_RETURN_IF_ERROR(WriteAll(file.fd(), bytes, aside));
  if (::fdatasync(file.fd()) != 0) return SystemError(absl::StrCat("sync ", aside));
  if (::rename(aside.c_str(), path.c_str()) != 0) return SystemError(absl::StrCat("rename ", aside));
  return SyncFolder(folder);
}

absl::Status CheckTail(const Head& head, const NewestEnd& end) {
  // A head of this start of the machine is exact, because a crash of the process takes no page of the kernel's with it;
  // so is one that an orderly end synced.
  const bool exact = head.closed || (head.boot == BootId() && head.boot != kUnknownBoot);
  if (!exact || head.segment > end.segment) return absl::OkStatus();
  // A segment that the head does not name yet was just begun: it holds its header.
  const uint64_t may_be = head.segment < end.segment ? end.header_bytes
                          : head.closed              ? head.size_bytes
                                                     : head.writing_bytes;
  if (end.file_bytes <= may_be) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(end.file_bytes - may_be,
                                          " bytes stand behind the last leaf that its process wrote: it did not write "
                                          "them"));
}

}  // namespace gatehouse::audit
