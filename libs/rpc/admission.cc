#include "libs/rpc/admission.h"

#include <algorithm>

#include "libs/base/check.h"

namespace gatehouse::rpc {

Admission::Limits Admission::Limits::Of(int calls) {
  return {.calls = calls, .calls_of_machine = std::max(1, calls / 4), .calls_of_person = std::max(1, calls / 16)};
}

void Admission::Open() {
  std::lock_guard lock(mutex_);
  closed_ = false;
}

Admission::Answer Admission::Enter(std::string_view identity, bool person) {
  std::lock_guard lock(mutex_);
  if (closed_) return Answer::kClosed;
  if (inside_ >= limits_.calls) return Answer::kFull;
  auto mine = inside_of_.find(identity);
  if (mine == inside_of_.end()) mine = inside_of_.emplace(std::string(identity), 0).first;
  if (mine->second >= (person ? limits_.calls_of_person : limits_.calls_of_machine)) return Answer::kFullForIdentity;
  ++mine->second;
  ++inside_;
  return Answer::kEnter;
}

void Admission::Leave(std::string_view identity) {
  std::lock_guard lock(mutex_);
  const auto mine = inside_of_.find(identity);
  GH_CHECK(inside_ > 0 && mine != inside_of_.end() && mine->second > 0);
  --mine->second;
  if (--inside_ == 0 && closed_) empty_.notify_all();
}

bool Admission::CloseAndWait(absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return empty_.wait_for(lock, absl::ToChronoMilliseconds(timeout), [this] { return inside_ == 0; });
}

}  // namespace gatehouse::rpc
