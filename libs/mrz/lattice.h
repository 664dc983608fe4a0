// All the texts that a choice at each step allows: a chain of nodes with edges that carry text. Spelling a name (each
// letter has its spellings) and reading it back (each place has the letters that may begin there) are both of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::mrz {

struct Edge {
  std::string text;
  size_t to;  // a later node, or the end
};

// Node i holds the edges that leave it, the preferred one first; the end is the node after the last.
using Lattice = std::vector<std::vector<Edge>>;

// Many paths may give one text, so that the paths walked are limited beside the texts found.
inline constexpr size_t kMaxLatticeSteps = 100'000;

// Different texts from the first node to the end.
struct TextSet {
  std::vector<std::string> texts;  // by the number of choices that are not the preferred ones
  bool complete = true;            // false: there may be more
};
TextSet TextsOf(const Lattice& lattice, size_t limit);

enum class Fit { kNone, kBeginning, kWhole };
// Whether `text` is one of the texts, or else the beginning of one (the empty text is, of any).
Fit FitOf(const Lattice& lattice, std::string_view text);

}  // namespace gatehouse::mrz
