#include "tools/gatehouse/table.h"

#include <algorithm>
#include <set>

namespace gatehouse::cli {
namespace {

size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string Paint(const std::string& word, bool colour) {
  if (!colour) return word;
  static const std::set<std::string> kGood = {"valid", "successful", "clear", "admitted", "admit", "no_hit",   "stored",
                                              "fresh", "identical",  "match", "verified", "ok",    "published"};
  static const std::set<std::string> kBad = {"invalid", "failed",   "refused",       "refuse", "hit",
                                             "revoked", "mismatch", "not_identical", "stale",  "error"};
  static const std::set<std::string> kPlain = {"", "open", "none", "entry", "exit"};
  if (kPlain.contains(word)) return word;
  const char* code = kGood.contains(word) ? "32" : kBad.contains(word) ? "31" : "33";
  return std::string("\x1b[") + code + "m" + word + "\x1b[0m";
}

void Table::Print(std::ostream& out, bool colour) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    if (row.size() > widths.size()) widths.resize(row.size(), 0);
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (size_t r = 0; r < rows_.size(); ++r) {
    const auto& row = rows_[r];
    for (size_t i = 0; i < row.size(); ++i) {
      // The last column is not padded, so that lines end with their text.
      const size_t padding = i + 1 < row.size() ? widths[i] - Width(row[i]) + 2 : 0;
      if (r == 0 && colour) {
        out << "\x1b[1m" << row[i] << "\x1b[0m";
      } else {
        out << Paint(row[i], colour && r > 0);
      }
      out << std::string(padding, ' ');
    }
    out << "\n";
  }
}

}  // namespace gatehouse::cli
