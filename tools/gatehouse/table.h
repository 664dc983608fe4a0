// Tables and words for people: aligned columns, colours on a terminal, the same meaning without colour.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::cli {

// Collects rows, then prints them with every column as wide as its widest cell (UTF-8 counted by code point).
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print(std::ostream& out, bool colour) const;
  size_t size() const { return rows_.size() - 1; }

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A word of state in green (good), red (bad) or yellow (neither), as it is without colour.
std::string Paint(const std::string& word, bool colour);

}  // namespace gatehouse::cli
