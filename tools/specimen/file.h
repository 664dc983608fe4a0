// A made file, and writing it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace gatehouse::specimen {

struct File {
  std::string path;  // relative to the folder it goes to
  std::string bytes;
};

// Makes the folders that are missing; overwrites. UNAVAILABLE with the path when the disk refuses.
absl::Status WriteFiles(const std::filesystem::path& folder, const std::vector<File>& files);

}  // namespace gatehouse::specimen
