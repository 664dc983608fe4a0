// A sink that keeps what was published, and fails when told. Thread-safe.
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include "libs/events/sink.h"

namespace gatehouse::testing {

class MemorySink : public events::Sink {
 public:
  absl::Status Publish(std::span<const events::StoredEvent> events) override {
    std::lock_guard lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      // As a broker that went away half way: some are there.
      published_.insert(published_.end(), events.begin(), events.begin() + static_cast<ptrdiff_t>(events.size() / 2));
      return absl::UnavailableError("told to fail");
    }
    published_.insert(published_.end(), events.begin(), events.end());
    return absl::OkStatus();
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
  std::vector<events::StoredEvent> published_;
};

}  // namespace gatehouse::testing
