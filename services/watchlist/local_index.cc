#include "services/watchlist/local_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "services/watchlist/edition.h"
#include "services/watchlist/snapshot_codec.h"

namespace gatehouse::watchlist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".watchlist";
constexpr size_t kMaxSnapshotBytes = 2 * kMaxListBytes;

absl::Status WriteSynced(const std::string& path, const std::string& bytes) {
  // One that was never finished, or a link in the way.
  unlink(path.c_str());
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  size_t written = 0;
  bool ok = true;
  while (ok && written < bytes.size()) {
    const ssize_t step = write(file, bytes.data() + written, bytes.size() - written);
    ok = step > 0;
    if (ok) written += static_cast<size_t>(step);
  }
  ok = ok && fsync(file) == 0;
  ok = close(file) == 0 && ok;
  if (!ok) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder"));
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::string bytes;
  std::string chunk(64 * 1024, '\0');
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0) {
    bytes.append(chunk, 0, static_cast<size_t>(in.gcount()));
    if (bytes.size() > max_bytes) return absl::InvalidArgumentError(absl::StrCat(path, ": over ", max_bytes, " bytes"));
  }
  if (in.bad()) return absl::UnavailableError(absl::StrCat(path, ": cannot be read to its end"));
  return bytes;
}

absl::StatusOr<LocalIndex> LocalIndex::Load(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == kExtension) paths.push_back(it->path().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat(directory, ": no readable folder"));
  std::sort(paths.begin(), paths.end());
  LocalIndex index;
  for (const std::string& path : paths) {
    GH_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxSnapshotBytes));
    absl::StatusOr<SnapshotContent> content = DecodeSnapshot(bytes);
    if (!content.ok()) {
      return absl::DataLossError(absl::StrCat(path, ": ", content.status().message()));
    }
    const std::string base = content->base;
    const std::optional<absl::Time> confirmed_at = ConfirmedAt(*content, {});
    index.bases_.push_back(
        {.name = base, .snapshot = Snapshot::Build(*std::move(content)), .confirmed_at = confirmed_at});
  }
  return index;
}

absl::Status LocalIndex::Save(const std::string& directory, const SnapshotContent& content) {
  GH_RETURN_IF_ERROR(CheckBaseName(content.base));
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat(directory, ": cannot be made"));
  const std::string path = (fs::path(directory) / (content.base + kExtension)).string();
  const std::string beside = path + ".new";
  GH_RETURN_IF_ERROR(WriteSynced(beside, EncodeSnapshot(content)));
  fs::rename(beside, path, error);
  if (error) return absl::UnavailableError(absl::StrCat(path, ": cannot be replaced"));
  return absl::OkStatus();
}

}  // namespace gatehouse::watchlist
