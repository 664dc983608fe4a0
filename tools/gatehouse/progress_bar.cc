#include "tools/gatehouse/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace gatehouse::cli {
namespace {

constexpr size_t kWidth = 30;
constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr char kBackAndClear[] = "\r\x1b[K";

}  // namespace

// Lines of JSON on the same terminal would be drawn over.
ProgressBar::ProgressBar(Context& context, absl::Duration patience)
    : context_(context),
      active_(context.progress && !(context.json && isatty(STDOUT_FILENO) != 0)),
      first_(absl::Now() + patience),
      next_(first_) {}

ProgressBar::~ProgressBar() { Hide(); }

void ProgressBar::Hide() {
  if (drawn_) *context_.err << kBackAndClear << std::flush;
  drawn_ = false;
}

void ProgressBar::Show(std::string_view step, size_t done, size_t total) {
  if (!active_) return;
  const absl::Time now = absl::Now();
  if (now < first_ || (now < next_ && done != total)) return;
  next_ = now + kInterval;
  drawn_ = true;
  std::string line = absl::StrCat(kBackAndClear, std::string(step));
  if (total > 0) {
    const size_t filled = std::min(kWidth, kWidth * done / total);
    absl::StrAppend(&line, " [", std::string(filled, '#'), std::string(kWidth - filled, '.'), "] ", done, " of ",
                    total);
  }
  *context_.err << line << std::flush;
}

}  // namespace gatehouse::cli
