#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/seal/crypto.h"
#include "libs/seal/seal.h"

namespace gatehouse::seal {
namespace {

constexpr size_t kHexBytes = 2 * Key::kBytes;

absl::Status SystemError(std::string_view what, const std::string& file) {
  return absl::UnavailableError(absl::StrCat(std::string(what), " ", file, ": ", std::strerror(errno)));
}

// Closes on return.
struct Descriptor {
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  const int fd;
};

absl::Status WriteSynced(const std::string& file, const std::string& text) {
  const Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (out.fd < 0) return SystemError("create", file);
  if (::write(out.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return SystemError("write", file);
  if (::fsync(out.fd) != 0) return SystemError("sync", file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MasterKey> ReadMasterKey(const std::string& file) {
  const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0 && errno == ENOENT) return absl::NotFoundError(absl::StrCat("seal key ", file, " does not exist"));
  if (in.fd < 0) return SystemError("open", file);
  struct stat info;
  if (::fstat(in.fd, &info) != 0) return SystemError("stat", file);
  // A key that we made is for us alone. One that is given to us as another's (a Kubernetes Secret, 0440) comes through
  // the group.
  const mode_t allowed = info.st_uid == ::geteuid() ? 0 : S_IRGRP;
  if ((info.st_mode & (S_IRWXG | S_IRWXO) & ~allowed) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("seal key ", file, " may be read by others: chmod 600"));
  }
  std::string hex(kHexBytes + 2, '\0');  // one more than allowed, so that a longer file is seen
  const ssize_t got = ::read(in.fd, hex.data(), hex.size());
  if (got < 0) return SystemError("read", file);
  hex.resize(static_cast<size_t>(got));
  if (hex.size() == kHexBytes + 1 && hex.back() == '\n') hex.pop_back();
  if (hex.size() != kHexBytes || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat("seal key ", file, " is not 64 hex digits"));
  }
  MasterKey key(absl::HexStringToBytes(hex));
  OPENSSL_cleanse(hex.data(), hex.size());
  return key;
}

absl::StatusOr<MasterKey> CreateMasterKey(const std::string& file, base::Random& random) {
  const std::string bytes(Key::Random(random).view());
  // Written aside and linked: link() never overwrites, and a crash leaves no half key under the name.
  const std::string aside = file + ".new";
  ::unlink(aside.c_str());
  std::string text = absl::StrCat(absl::BytesToHexString(bytes), "\n");
  const absl::Status written = WriteSynced(aside, text);
  OPENSSL_cleanse(text.data(), text.size());
  GH_RETURN_IF_ERROR(written);
  const int linked = ::link(aside.c_str(), file.c_str());
  const int link_error = errno;
  ::unlink(aside.c_str());
  errno = link_error;
  if (linked != 0 && errno == EEXIST) return absl::AlreadyExistsError(absl::StrCat("seal key ", file, " exists"));
  if (linked != 0) return SystemError("link", file);
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  const Descriptor parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.fd < 0 || ::fsync(parent.fd) != 0) return SystemError("sync", folder);
  return MasterKey(bytes);
}

}  // namespace gatehouse::seal
