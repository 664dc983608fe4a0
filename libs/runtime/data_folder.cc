#include "libs/runtime/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"

namespace gatehouse::runtime {
namespace {

std::string ReadOwner(int lock) {
  std::array<char, 32> text{};
  const ssize_t size = pread(lock, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : "unknown";
}

// For people who look; the lock itself is the kernel's.
void WriteOwner(int lock) {
  const std::string text = std::to_string(getpid());
  if (ftruncate(lock, 0) == 0) (void)!pwrite(lock, text.data(), text.size(), 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path) {
  GH_RETURN_IF_ERROR(base::MakeOwnFolder(path));
  const int lock = open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock < 0) return absl::InvalidArgumentError(absl::StrCat("data_dir ", path, ", lock: ", std::strerror(errno)));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const std::string owner = ReadOwner(lock);
    close(lock);
    return absl::FailedPreconditionError(absl::StrCat("data_dir ", path, " is in use by process ", owner));
  }
  WriteOwner(lock);
  return std::unique_ptr<DataFolder>(new DataFolder(path, lock));
}

DataFolder::~DataFolder() { close(lock_); }

}  // namespace gatehouse::runtime
