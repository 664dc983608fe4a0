#include "tools/gatehouse/chip_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/gatehouse/files.h"

namespace gatehouse::cli {
namespace {

// As large as the file and no larger: a load generator holds thousands of them.
std::string ReadCut(const std::filesystem::path& path, size_t max_bytes) {
  std::error_code error;
  const uintmax_t file_bytes = std::filesystem::file_size(path, error);
  if (error) return "";
  std::ifstream in(path, std::ios::binary);
  std::string content(std::min<uintmax_t>(file_bytes, max_bytes + 1), '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(in.gcount()));
  return content;
}

}  // namespace

absl::StatusOr<gatehouse::document::v1::DocumentInput> ReadChipFolder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat(folder, ": no such folder"));
  }
  gatehouse::document::v1::DocumentInput input;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (entry.is_regular_file(error) && absl::StartsWith(name, "EF.") && absl::EndsWith(name, ".bin")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    gatehouse::document::v1::ChipFile* chip_file = input.add_chip_files();
    chip_file->set_name(file.stem());
    chip_file->set_content(ReadCut(file, kMaxChipFileBytes));
  }
  const std::filesystem::path mrz = std::filesystem::path(folder) / "mrz.txt";
  const bool has_mrz = std::filesystem::is_regular_file(mrz, error);
  if (has_mrz) input.set_mrz(ReadCut(mrz, 4096));
  if (!has_mrz && input.chip_files().empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": holds neither mrz.txt nor EF.*.bin"));
  }
  return input;
}

}  // namespace gatehouse::cli
