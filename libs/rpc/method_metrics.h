// The figures of one RPC method: calls by code, and how long they took. Private to libs/rpc.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/observe/metrics.h"

namespace gatehouse::rpc {

// Thread-safe. Its instruments are looked up once.
class MethodMetrics {
 public:
  MethodMetrics(observe::Metrics& metrics, const std::string& service, std::string_view method);
  void Count(absl::StatusCode code, absl::Duration took);

 private:
  static constexpr size_t kCodes = 17;  // OK .. UNAUTHENTICATED

  observe::Metrics& metrics_;
  const std::string counter_name_;
  const std::string method_;
  observe::Histogram& seconds_;
  std::array<std::atomic<observe::Counter*>, kCodes> calls_{};
};

// The figures of a host: its methods by name, and the calls in flight.
class HostMetrics {
 public:
  HostMetrics(observe::Metrics& metrics, std::string service);

  // The reference holds as long as this object.
  MethodMetrics& ForMethod(std::string_view method);
  void Started();
  void Finished();

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  observe::Metrics& metrics_;
  const std::string service_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<MethodMetrics>, Hash, std::equal_to<>> methods_;
  std::mutex in_flight_mutex_;  // a gauge can only be set: count and set must not be torn apart
  int in_flight_ = 0;
  observe::Gauge& in_flight_gauge_;
};

}  // namespace gatehouse::rpc
