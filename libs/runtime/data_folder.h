// The folder of everything a process writes, held by one process at a time. Private to libs/runtime.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace gatehouse::runtime {

class DataFolder {
 public:
  // Makes the folder (mode 0700) when absent and takes its lock. FAILED_PRECONDITION when another process has it, with
  // that process's id; INVALID_ARGUMENT when the folder cannot be made, others may write to it, or the lock is a link.
  static absl::StatusOr<std::unique_ptr<DataFolder>> Open(const std::string& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::string audit_folder() const { return path_ + "/audit"; }

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  const std::string path_;
  const int lock_;  // an open file: the kernel lets go of the lock when the process ends, however it ends
};

}  // namespace gatehouse::runtime
