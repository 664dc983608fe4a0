// Baseline JPEG of a 24-bit picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::specimen {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  // width * height * 3, rows from the top
};

// `quality` 1 to 100.
std::string EncodeJpeg(const Picture& picture, int quality);

}  // namespace gatehouse::specimen
