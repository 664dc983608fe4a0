#include "libs/base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::base {
namespace {

absl::Status SystemError(const char* what, const std::filesystem::path& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path.string(), ": ", std::strerror(errno)));
}

// Closes on return.
struct Descriptor {
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  const int fd;
};

absl::Status WriteSynced(const std::filesystem::path& path, std::string_view text) {
  const Descriptor out{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (out.fd < 0) return SystemError("create", path);
  while (!text.empty()) {
    const ssize_t written = write(out.fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(out.fd) == 0 ? absl::OkStatus() : SystemError("sync", path);
}

absl::Status SyncFolder(const std::filesystem::path& path) {
  const Descriptor folder{open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || fsync(folder.fd) != 0) return SystemError("sync", path);
  return absl::OkStatus();
}

absl::Status Refuse(const std::filesystem::path& path, const char* why, const char* chmod) {
  return absl::InvalidArgumentError(absl::StrCat(path.string(), " ", why, ": chmod ", chmod, " ", path.string()));
}

absl::Status CheckFolder(const std::filesystem::path& path, bool sticky_is_enough) {
  struct stat found {};
  if (path.empty() || stat(path.c_str(), &found) != 0) return absl::OkStatus();
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) == 0) return absl::OkStatus();
  if (sticky_is_enough && (found.st_mode & S_ISVTX) != 0) return absl::OkStatus();
  return Refuse(path, "may be written by others than its owner", "go-w");
}

}  // namespace

absl::Status CheckOwnFolder(const std::filesystem::path& path) { return CheckFolder(path, false); }
absl::Status CheckGivenFolder(const std::filesystem::path& path) { return CheckFolder(path, true); }

absl::Status CheckPrivateFile(const std::filesystem::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return absl::OkStatus();
  if ((found.st_mode & (S_IRWXO | S_IWGRP)) == 0) return absl::OkStatus();
  return Refuse(path, "is a private key that others than its owner may read or write", "600");
}

absl::Status MakeOwnFolder(const std::filesystem::path& path) {
  std::error_code failed;
  if (path.empty()) return absl::OkStatus();
  if (std::filesystem::is_directory(path, failed)) return CheckOwnFolder(path);
  std::filesystem::create_directories(path, failed);
  if (!failed) std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  if (!failed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("folder ", path.string(), " cannot be made: ", failed.message()));
}

absl::Status WriteOwnFile(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path fresh = path.string() + ".new";
  // One of a write that was cut short, or a link in the way.
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) return SystemError("remove", fresh);
  GH_RETURN_IF_ERROR(WriteSynced(fresh, text));
  if (rename(fresh.c_str(), path.c_str()) != 0) return SystemError("rename", fresh);
  return SyncFolder(path.parent_path());
}

}  // namespace gatehouse::base
