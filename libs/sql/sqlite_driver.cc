#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/sql/connection.h"
#include "libs/sql/sqlite_connection.h"

namespace gatehouse::sql {
namespace {

// What is written here goes through no link that somebody laid in its way.
absl::Status CannotOpen(const std::string& path) {
  if (errno == ELOOP) return absl::FailedPreconditionError(absl::StrCat(path, " is a link, and is not followed"));
  return absl::UnavailableError(absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
}

// With its folder as it really is: SQLite, told to follow no link, refuses one anywhere in a path, and a data folder
// may well lie under one.
absl::StatusOr<std::string> InRealFolder(const std::string& path) {
  const std::filesystem::path given(path);
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::canonical(given.has_parent_path() ? given.parent_path() : std::filesystem::path("."), error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot open ", path, ": ", error.message()));
  return (folder / given.filename()).string();
}

// The exclusive lock on PATH.lock, which the kernel drops with the process, however it ends. The file stays and names
// the last owner.
class FileLock {
 public:
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path) {
    const std::string name = path + ".lock";
    const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return CannotOpen(name);
    auto lock = std::unique_ptr<FileLock>(new FileLock(fd));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) return Refusal(path, fd);
    const std::string owner = absl::StrCat(getpid(), "\n");
    if (ftruncate(fd, 0) != 0 || pwrite(fd, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
      return absl::UnavailableError(absl::StrCat("cannot write ", name, ": ", std::strerror(errno)));
    }
    return lock;
  }
  ~FileLock() { close(fd_); }

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  static absl::Status Refusal(const std::string& path, int fd) {
    char owner[32] = {};
    const ssize_t size = pread(fd, owner, sizeof(owner) - 1, 0);
    const std::string pid(
        absl::StripAsciiWhitespace(absl::string_view(owner, size > 0 ? static_cast<size_t>(size) : 0)));
    return absl::FailedPreconditionError(
        absl::StrCat("the store ", path, " is in use by process ", pid.empty() ? "unknown" : pid,
                     ": a store has one process; stop that one, or give this one a store of its own"));
  }

  const int fd_;
};

// Only the owner may read a store. SQLite gives its log and index files the mode of the file itself.
absl::Status CreatePrivate(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return CannotOpen(path);
  close(fd);
  return absl::OkStatus();
}

// Names led within this process. Shared with the leases, which may outlive the driver.
struct Led {
  std::mutex mutex;
  std::set<std::string, std::less<>> names;
};

class LocalLease : public Lease {
 public:
  LocalLease(std::shared_ptr<Led> led, std::string name) : led_(std::move(led)), name_(std::move(name)) {}
  ~LocalLease() override {
    std::lock_guard lock(led_->mutex);
    led_->names.erase(name_);
  }
  bool Held() override { return true; }

 private:
  const std::shared_ptr<Led> led_;
  const std::string name_;
};

class SqliteDriver : public Driver {
 public:
  SqliteDriver(std::string path, std::unique_ptr<FileLock> lock, std::unique_ptr<Connection> writer)
      : path_(std::move(path)), lock_(std::move(lock)), writer_(std::move(writer)) {}

  Dialect dialect() const override { return Dialect::kSqlite; }
  std::unique_ptr<Connection> WriteConnection() override { return std::move(writer_); }
  std::unique_ptr<Connection> ReadConnection() override {
    if (lock_ == nullptr) return nullptr;
    return SqliteConnection::Later(path_, SqliteConnection::Mode::kReadOnly);
  }
  bool many_writers() const override { return false; }

  absl::StatusOr<std::unique_ptr<Lease>> TryLead(std::string_view name) override {
    std::lock_guard lock(led_->mutex);
    if (!led_->names.emplace(name).second) {
      return absl::UnavailableError("another part of this process leads already");
    }
    return std::make_unique<LocalLease>(led_, std::string(name));
  }

 private:
  const std::string path_;
  const std::unique_ptr<FileLock> lock_;  // null in memory
  std::unique_ptr<Connection> writer_;
  const std::shared_ptr<Led> led_ = std::make_shared<Led>();
};

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> MakeSqliteDriver(std::string path) {
  std::unique_ptr<FileLock> lock;
  if (path != ":memory:") {
    GH_ASSIGN_OR_RETURN(lock, FileLock::Take(path));
    GH_RETURN_IF_ERROR(CreatePrivate(path));
    GH_ASSIGN_OR_RETURN(path, InRealFolder(path));
  }
  GH_ASSIGN_OR_RETURN(auto writer, SqliteConnection::Open(path, SqliteConnection::Mode::kReadWriteCreate));
  return std::make_unique<SqliteDriver>(std::move(path), std::move(lock), std::move(writer));
}

}  // namespace gatehouse::sql
