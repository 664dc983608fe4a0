#include "libs/mrz/lattice.h"

#include <algorithm>

namespace gatehouse::mrz {
namespace {

// Walks the lattice with an exact number of choices that are not preferred.
class Walk {
 public:
  Walk(const Lattice& lattice, size_t limit) : lattice_(lattice), limit_(limit), live_(lattice.size() + 1, false) {
    // Edges go forward only, so one pass from the end finds which nodes reach it.
    live_.back() = true;
    for (size_t node = lattice.size(); node-- > 0;) {
      for (const Edge& edge : lattice[node]) live_[node] = live_[node] || live_[edge.to];
    }
  }

  TextSet Run() {
    bool more = live_[0];
    for (size_t choices = 0; more && !full_; ++choices) {
      more = false;
      Go(0, choices, more);
    }
    set_.complete = !full_;
    return std::move(set_);
  }

 private:
  // `more` is set when a path with yet more choices exists.
  void Go(size_t node, size_t choices, bool& more) {
    if (full_) return;
    if (++steps_ > kMaxLatticeSteps) {
      full_ = true;
      return;
    }
    if (node == lattice_.size()) {
      if (choices == 0) Keep();
      return;
    }
    bool preferred = true;
    for (const Edge& edge : lattice_[node]) {
      if (!live_[edge.to]) continue;
      if (preferred || choices > 0) {
        text_ += edge.text;
        Go(edge.to, preferred ? choices : choices - 1, more);
        text_.resize(text_.size() - edge.text.size());
      } else {
        more = true;
      }
      preferred = false;
    }
  }

  void Keep() {
    if (std::find(set_.texts.begin(), set_.texts.end(), text_) != set_.texts.end()) return;
    if (set_.texts.size() == limit_) {
      full_ = true;
      return;
    }
    set_.texts.push_back(text_);
  }

  const Lattice& lattice_;
  const size_t limit_;
  std::vector<bool> live_;
  std::string text_;
  TextSet set_;
  size_t steps_ = 0;
  bool full_ = false;
};

}  // namespace

TextSet TextsOf(const Lattice& lattice, size_t limit) { return Walk(lattice, limit).Run(); }

Fit FitOf(const Lattice& lattice, std::string_view text) {
  // For each node, how much of the text may be read up to it.
  std::vector<std::vector<bool>> read(lattice.size() + 1, std::vector<bool>(text.size() + 1, false));
  read[0][0] = true;
  bool beginning = text.empty();
  for (size_t node = 0; node < lattice.size(); ++node) {
    for (size_t at = 0; at <= text.size(); ++at) {
      if (!read[node][at]) continue;
      const std::string_view rest = text.substr(at);
      for (const Edge& edge : lattice[node]) {
        if (rest.starts_with(edge.text)) read[edge.to][at + edge.text.size()] = true;
        beginning |= std::string_view(edge.text).starts_with(rest);
      }
    }
  }
  if (read.back().back()) return Fit::kWhole;
  return beginning ? Fit::kBeginning : Fit::kNone;
}

}  // namespace gatehouse::mrz
