#include "libs/rpc/method_metrics.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::rpc {

MethodMetrics::MethodMetrics(observe::Metrics& metrics, const std::string& service, std::string_view method)
    : metrics_(metrics),
      counter_name_(absl::StrCat("gatehouse_", service, "_calls_total")),
      method_(method),
      seconds_(metrics.GetHistogram(absl::StrCat("gatehouse_", service, "_call_seconds"),
                                    "From arrival to answer, by method", {{"method", method_}})) {}

void MethodMetrics::Count(absl::StatusCode code, absl::Duration took) {
  seconds_.Observe(absl::ToDoubleSeconds(took));
  std::atomic<observe::Counter*>& slot = calls_[static_cast<size_t>(code)];
  observe::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both look it up: the registry gives them the same one.
    counter = &metrics_.GetCounter(counter_name_, "Calls answered, by method and code",
                                   {{"method", method_}, {"code", absl::StatusCodeToString(code)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

HostMetrics::HostMetrics(observe::Metrics& metrics, std::string service)
    : metrics_(metrics),
      service_(std::move(service)),
      in_flight_gauge_(
          metrics.GetGauge(absl::StrCat("gatehouse_", service_, "_calls_in_flight"), "Calls not yet answered", {})) {}

MethodMetrics& HostMetrics::ForMethod(std::string_view method) {
  {
    std::shared_lock lock(mutex_);
    const auto found = methods_.find(method);
    if (found != methods_.end()) return *found->second;
  }
  std::lock_guard lock(mutex_);
  std::unique_ptr<MethodMetrics>& entry = methods_[std::string(method)];
  if (entry == nullptr) entry = std::make_unique<MethodMetrics>(metrics_, service_, method);
  return *entry;
}

void HostMetrics::Started() {
  std::lock_guard lock(in_flight_mutex_);
  in_flight_gauge_.Set(++in_flight_);
}

void HostMetrics::Finished() {
  std::lock_guard lock(in_flight_mutex_);
  in_flight_gauge_.Set(--in_flight_);
}

}  // namespace gatehouse::rpc
