// Reading what an operator names: files and folders, bounded before anything is held.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::cli {

inline constexpr size_t kMaxInputFileBytes = 256 * 1024 * 1024;
inline constexpr size_t kMaxFilesInFolder = 100'000;

// The whole file; "-" is standard input. NOT_FOUND or INVALID_ARGUMENT with the path and the reason.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes = kMaxInputFileBytes);

// INVALID_ARGUMENT "nothing to do: PATH holds no WHAT": an empty input is a mistake in what made it, and no success.
absl::Status NothingToDo(const std::string& path, const char* what);

// `path` itself when it is a file; the regular files below it, in name order, when it is a folder.
absl::StatusOr<std::vector<std::string>> ListInput(const std::string& path);

}  // namespace gatehouse::cli
