#include "libs/sql/writer_health.h"

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {
namespace {

// A batch that lasts longer hangs: whatever comes next waits behind it.
constexpr std::chrono::seconds kHanging{10};
// One table may be locked while the next is not: a failure counts this long, whatever succeeded since.
constexpr std::chrono::seconds kStillCounts{5};
// The last good write proves for this long that the next one would go well.
constexpr std::chrono::seconds kProven{30};
// A command that brought little time along says nothing about the store when it ran out of it.
constexpr std::chrono::seconds kLongEnough{1};

int64_t Seconds(WriterHealth::Time from, WriterHealth::Time to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

}  // namespace

void WriterHealth::BatchEnded(Time now, bool wrote, const absl::Status& failure) {
  const bool lasted = under_way_since_.has_value() && now - *under_way_since_ >= kLongEnough;
  under_way_since_.reset();
  if (wrote) wrote_at_ = now;
  if (failure.ok() || (absl::IsDeadlineExceeded(failure) && !lasted)) return;
  const bool first = !failed_at_.has_value() || (wrote_at_.has_value() && *wrote_at_ > *failed_at_);
  if (first) failing_since_ = now;
  failed_at_ = now;
  failure_ = failure;
}

absl::Status WriterHealth::Judge(Time now) const {
  if (under_way_since_.has_value() && now - *under_way_since_ > kHanging) {
    return absl::UnavailableError(
        absl::StrCat("a write has been under way for ", Seconds(*under_way_since_, now), " s"));
  }
  if (!failed_at_.has_value()) return absl::OkStatus();
  const bool since = !wrote_at_.has_value() || *wrote_at_ <= *failed_at_;
  if (!since && now - *failed_at_ > kStillCounts) return absl::OkStatus();
  return absl::Status(
      absl::IsResourceExhausted(failure_) ? failure_.code() : absl::StatusCode::kUnavailable,
      absl::StrCat("writing has failed for ", Seconds(failing_since_, now), " s: ", failure_.message()));
}

bool WriterHealth::WantsProbe(Time now) const {
  if (under_way_since_.has_value()) return false;
  if (failed_at_.has_value() && (!wrote_at_.has_value() || *wrote_at_ <= *failed_at_)) return true;
  return wrote_at_.has_value() && now - *wrote_at_ > kProven;
}

}  // namespace gatehouse::sql
