#include "libs/runtime/port_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::runtime {

bool Deafness::Asked(const absl::Status& heard, absl::Duration round) {
  if (heard.ok()) deaf_ = absl::ZeroDuration();
  if (!absl::IsUnavailable(heard)) return false;
  deaf_ += std::min(round, kLongestDeafRound);
  return deaf_ >= limit_;
}

std::optional<std::string> Crowding::Look(const rpc::ConnectionCounts& counts, absl::Duration now) {
  if (counts.refused > std::exchange(refused_, counts.refused)) {
    last_ = now;
    if (!why_) why_ = absl::StrCat("connections are refused, first of ", counts.refused_last);
  } else if (now - last_ >= kCrowdingPatience) {
    why_.reset();
  }
  return why_;
}

}  // namespace gatehouse::runtime
