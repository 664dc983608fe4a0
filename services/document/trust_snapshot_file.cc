#include "services/document/trust_snapshot_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::document {
namespace {

absl::Status Failed(const char* what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

class File {
 public:
  File(const std::string& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status ReadAll(int descriptor, char* into, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t got = read(descriptor, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) return absl::DataLossError("trust snapshot: was cut short while it was read");
    into += got;
    size -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

class SnapshotFile final : public TrustSnapshotFile {
 public:
  explicit SnapshotFile(std::string folder)
      : folder_(std::move(folder)), path_(folder_ + "/trust.snapshot"), aside_(path_ + ".new") {}

  absl::StatusOr<std::shared_ptr<const pki::TrustSnapshot>> Load() override {
    const File file(path_, O_RDONLY | O_NOFOLLOW);
    if (file.descriptor() < 0) return Failed("open", path_);
    struct stat information {};
    if (fstat(file.descriptor(), &information) != 0) return Failed("stat", path_);
    const auto size = static_cast<size_t>(information.st_size);
    if (size == 0 || size > pki::kMaxSnapshotBytes)
      return absl::DataLossError("trust snapshot: has a size out of bounds");
    // A private copy, not a mapping of the file: whoever cut a mapped file short would kill the process that reads it.
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Failed("allocate for", path_);
    const std::shared_ptr<const void> owner(memory, [size](const void* at) { munmap(const_cast<void*>(at), size); });
    GH_RETURN_IF_ERROR(ReadAll(file.descriptor(), static_cast<char*>(memory), size, path_));
    mprotect(memory, size, PROT_READ);
    return pki::TrustSnapshot::Open({static_cast<const uint8_t*>(memory), size}, owner);
  }

  absl::Status Prepare(std::string_view bytes) override {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    // One that was never published, or a link in the way.
    if (unlink(aside_.c_str()) != 0 && errno != ENOENT) return Failed("remove", aside_);
    const File file(aside_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file.descriptor() < 0) return Failed("create", aside_);
    GH_RETURN_IF_ERROR(WriteAll(file.descriptor(), bytes, aside_));
    if (fsync(file.descriptor()) != 0) return Failed("sync", aside_);
    return absl::OkStatus();
  }

  absl::Status Publish() override {
    if (rename(aside_.c_str(), path_.c_str()) != 0) return Failed("rename", aside_);
    const File folder(folder_, O_RDONLY | O_DIRECTORY);
    if (folder.descriptor() < 0 || fsync(folder.descriptor()) != 0) return Failed("sync", folder_);
    return absl::OkStatus();
  }

 private:
  const std::string folder_;
  const std::string path_;
  const std::string aside_;
};

}  // namespace

std::unique_ptr<TrustSnapshotFile> MakeTrustSnapshotFile(std::string folder) {
  return std::make_unique<SnapshotFile>(std::move(folder));
}

}  // namespace gatehouse::document
