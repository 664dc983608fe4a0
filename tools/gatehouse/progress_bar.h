// A bar for work that takes long, on the terminal that diagnostics go to; nothing where nobody watches, and nothing for
// work that is done at once.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/time/time.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

// Of one thread. The line is gone when the bar is.
class ProgressBar {
 public:
  explicit ProgressBar(Context& context, absl::Duration patience = absl::Milliseconds(300));
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  bool active() const { return active_; }
  // Before something else is written to the terminal.
  void Hide();
  // "verifying 12,288 of 30,000"; without a total only the step.
  void Show(std::string_view step, size_t done, size_t total);

 private:
  Context& context_;
  const bool active_;
  const absl::Time first_;  // nothing is drawn before
  absl::Time next_;
  bool drawn_ = false;
};

}  // namespace gatehouse::cli
