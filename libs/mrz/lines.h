// The lines of a zone and the format they decide: the first step of parse.h.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "libs/mrz/format.h"

namespace gatehouse::mrz {

inline constexpr size_t kMaxLines = 3;

// Views into the text they were split from.
struct Lines {
  std::array<std::string_view, kMaxLines> line;
  size_t count = 0;
  bool too_many = false;
};

// Divides at \n, \r\n or \r; blanks around a line and empty lines are dropped.
Lines SplitLines(std::string_view text);

// The layout that the sizes of the lines and the first character decide, be it in lines or joined into one; nullptr
// when none fits.
const Layout* FindLayout(const Lines& lines);

}  // namespace gatehouse::mrz
