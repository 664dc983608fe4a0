// A sink that keeps what was published, and fails when told. Thread-safe.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "libs/events/sink.h"

namespace gatehouse::testing {

class MemorySink : public events::Sink {
 public:
  absl::StatusOr<std::vector<events::Rejected>> Publish(std::span<const events::StoredEvent> events) override {
    std::lock_guard lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      // As a broker that went away half way: some are there.
      published_.insert(published_.end(), events.begin(), events.begin() + static_cast<ptrdiff_t>(events.size() / 2));
      return absl::UnavailableError("told to fail");
    }
    std::vector<events::Rejected> rejected;
    for (const events::StoredEvent& stored : events) {
      if (!rejected_subject_.empty() && stored.event.subject == rejected_subject_) {
        rejected.push_back({.position = stored.position, .reason = "told to reject"});
      } else {
        published_.push_back(stored);
      }
    }
    return rejected;
  }

  // Events of this subject are rejected for good.
  void Reject(const std::string& subject) {
    std::lock_guard lock(mutex_);
    rejected_subject_ = subject;
  }

  // The next `times` calls publish the first half of their events and fail.
  void FailNext(int times) {
    std::lock_guard lock(mutex_);
    failures_ = times;
  }

  std::vector<events::StoredEvent> published() const {
    std::lock_guard lock(mutex_);
    return published_;
  }

 private:
  mutable std::mutex mutex_;
  int failures_ = 0;
  std::string rejected_subject_;
  std::vector<events::StoredEvent> published_;
};

}  // namespace gatehouse::testing
