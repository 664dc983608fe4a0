#include "tools/load/travellers.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "tools/gatehouse/chip_folder.h"

namespace gatehouse::load {

absl::StatusOr<std::vector<gatehouse::document::v1::DocumentInput>> ReadTravellers(const std::string& state_folder,
                                                                                   int limit) {
  const std::filesystem::path folder = std::filesystem::path(state_folder) / "travellers";
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) names.push_back(entry.path().string());
  }
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(folder.string(), ": no travellers; make some with `specimen make`"));
  }
  std::sort(names.begin(), names.end());
  names.resize(std::min<size_t>(names.size(), static_cast<size_t>(std::min(limit, kMaxTravellers))));
  std::vector<gatehouse::document::v1::DocumentInput> documents;
  for (const std::string& name : names) {
    GH_ASSIGN_OR_RETURN(documents.emplace_back(), cli::ReadChipFolder(name));
  }
  return documents;
}

}  // namespace gatehouse::load
