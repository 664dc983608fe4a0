#include "libs/mrz/lines.h"

#include <algorithm>

namespace gatehouse::mrz {
namespace {

std::string_view WithoutBlanks(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Lines SplitLines(std::string_view text) {
  Lines lines;
  // A carriage return divides lines only where no line feed does; before a line feed it is trimmed as a blank.
  const char divider = text.find('\n') != std::string_view::npos ? '\n' : '\r';
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(divider, at), text.size());
    const std::string_view line = WithoutBlanks(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) continue;
    if (lines.count == kMaxLines) {
      lines.too_many = true;
      return lines;
    }
    lines.line[lines.count++] = line;
  }
  return lines;
}

const Layout* FindLayout(const Lines& lines) {
  if (lines.count == 0 || lines.too_many) return nullptr;
  const bool visa = lines.line[0][0] == 'V';
  for (const Layout& layout : kLayouts) {
    // Both kinds of two-line documents have a visa of their size; a TD1 has none.
    if (layout.lines == 2 && layout.visa() != visa) continue;
    if (lines.count == 1 && lines.line[0].size() == layout.size()) return &layout;
    if (lines.count != layout.lines) continue;
    bool fits = true;
    for (size_t i = 0; i < lines.count; ++i) fits &= lines.line[i].size() == layout.line_size;
    if (fits) return &layout;
  }
  return nullptr;
}

}  // namespace gatehouse::mrz
