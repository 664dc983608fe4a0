// The shared test data: $GATEHOUSE_DATA, by default ../shared/data from the repository root, where tests run. Nothing
// of it is copied into the project. Tests skip with the reason when it is absent.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace gatehouse::conformance {

inline std::filesystem::path TestData(const char* below) {
  const char* root = std::getenv("GATEHOUSE_DATA");
  return std::filesystem::path(root != nullptr ? root : "../shared/data") / below;
}

inline std::vector<uint8_t> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace gatehouse::conformance
