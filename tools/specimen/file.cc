#include "tools/specimen/file.h"

#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace gatehouse::specimen {

absl::Status WriteFiles(const std::filesystem::path& folder, const std::vector<File>& files) {
  for (const File& file : files) {
    const std::filesystem::path path = folder / file.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
    out.close();
    if (!out) return absl::UnavailableError(absl::StrCat("cannot write ", path.string()));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::specimen
