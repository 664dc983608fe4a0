#include "libs/rpc/breaker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::rpc {
namespace {

// Also when the clock was set back.
bool HasPassed(absl::Duration pause, absl::Time since, absl::Time now) { return now - since >= pause || now < since; }

}  // namespace

Breaker::Breaker(Deps deps)
    : deps_(std::move(deps)),
      condition_(absl::StrCat(deps_.module, ".peer.", deps_.peer)),
      refused_(deps_.metrics.GetCounter(absl::StrCat("gatehouse_", deps_.module, "_peer_calls_refused_total"),
                                        "Calls that were not made because the peer does not answer",
                                        {{"peer", deps_.peer}})) {}

absl::Status Breaker::Refusal(const char* what, absl::Time since) {
  refused_.Increment();
  return absl::UnavailableError(absl::StrCat(deps_.peer, " ", what, " since ", absl::FormatTime(since)));
}

absl::Status Breaker::Enter(absl::Time now, bool& is_trial) {
  std::lock_guard lock(mutex_);
  if (open_) {
    if (trying_ || !HasPassed(pause_, last_trial_, now)) return Refusal("has not answered", open_since_);
    trying_ = is_trial = true;
    last_trial_ = now;
  } else if (in_flight_ >= deps_.max_held && HasPassed(kBreakerSilence, quiet_since_, now)) {
    return Refusal("is silent", quiet_since_);
  }
  if (in_flight_++ == 0) quiet_since_ = now;
  return absl::OkStatus();
}

void Breaker::Leave(bool is_trial) {
  --in_flight_;
  if (is_trial) trying_ = false;
}

void Breaker::Succeeded(bool is_trial) {
  std::lock_guard lock(mutex_);
  Leave(is_trial);
  quiet_since_ = deps_.clock.Now();
  failures_ = 0;
  if (!open_) return;
  open_ = false;
  deps_.conditions.Clear(condition_);
}

void Breaker::Failed(bool is_trial) {
  std::lock_guard lock(mutex_);
  Leave(is_trial);
  const absl::Time now = deps_.clock.Now();
  if (failures_++ == 0) open_since_ = now;
  if (open_ && is_trial) {
    last_trial_ = now;
    pause_ = std::min(2 * pause_, kBreakerLongestPause);
  }
  if (open_ || failures_ < kBreakerFailures) return;
  open_ = true;
  last_trial_ = now;
  pause_ = kBreakerPause;
  deps_.conditions.Raise(
      condition_, observe::Severity::kDegraded,
      absl::StrCat("it has not answered ", kBreakerFailures, " calls in a row, since ", absl::FormatTime(open_since_)));
}

Breaker::Attempt::Attempt(Breaker* breaker) : breaker_(breaker) {
  if (breaker_ == nullptr) return;
  begin_ = breaker_->deps_.clock.Now();
  status_ = breaker_->Enter(begin_, is_trial_);
  is_over_ = !status_.ok();
}

Breaker::Attempt::~Attempt() {
  if (breaker_ == nullptr || is_over_) return;
  std::lock_guard lock(breaker_->mutex_);
  breaker_->Leave(is_trial_);
}

void Breaker::Attempt::Answered(absl::StatusCode code) {
  if (breaker_ == nullptr || is_over_) return;
  const bool is_late = code == absl::StatusCode::kDeadlineExceeded;
  // Who gave up early, or was given up, has learned nothing about the peer.
  if (code == absl::StatusCode::kCancelled) return;
  if (is_late && breaker_->deps_.clock.Now() - begin_ < kBreakerPatience) return;
  is_over_ = true;
  if (is_late || code == absl::StatusCode::kUnavailable) {
    breaker_->Failed(is_trial_);
  } else {
    breaker_->Succeeded(is_trial_);
  }
}

}  // namespace gatehouse::rpc
