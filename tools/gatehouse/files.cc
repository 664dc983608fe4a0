#include "tools/gatehouse/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace gatehouse::cli {
namespace {

absl::StatusOr<std::string> ReadStream(std::istream& in, const std::string& name, size_t max_bytes) {
  std::string content;
  char buffer[64 * 1024];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    content.append(buffer, static_cast<size_t>(in.gcount()));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": larger than ", max_bytes, " bytes"));
    }
  }
  return content;
}

}  // namespace

absl::Status NothingToDo(const std::string& path, const char* what) {
  return absl::InvalidArgumentError(
      absl::StrCat("nothing to do: ", path == "-" ? "standard input" : path, " holds no ", what));
}

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes) {
  if (path == "-") return ReadStream(std::cin, "standard input", max_bytes);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder, a file is wanted"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": no such file, or it cannot be read"));
  return ReadStream(in, path, max_bytes);
}

absl::StatusOr<std::vector<std::string>> ListInput(const std::string& path) {
  std::error_code error;
  if (path == "-" || std::filesystem::is_regular_file(path, error)) return std::vector<std::string>{path};
  if (!std::filesystem::is_directory(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
  }
  std::vector<std::string> files;
  for (std::filesystem::recursive_directory_iterator it(path, error), end; it != end; it.increment(error)) {
    if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
    if (!it->is_regular_file(error)) continue;
    files.push_back(it->path().string());
    if (files.size() > kMaxFilesInFolder) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": more than ", kMaxFilesInFolder, " files"));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace gatehouse::cli
