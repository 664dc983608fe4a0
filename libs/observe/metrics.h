// Counters, gauges and histograms of a process, exposed in Prometheus text form. prometheus-cpp stays behind the .cc.
// Names: gatehouse_<service>_<what>_<unit>; a malformed name, or one name as two kinds of instrument, is our bug.
// Labels hold closed sets only (method, code, check id), never ids of people.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace gatehouse::observe {

inline constexpr size_t kMaxInstruments = 10'000;  // a label that is not a closed set is found here

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment(double by = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

// Thread-safe. The same name and labels give the same instrument; instruments live as long as the registry. Look them
// up once and keep the reference: a look-up takes a lock, an increment does not.
class Metrics {
 public:
  static std::unique_ptr<Metrics> Make();
  virtual ~Metrics() = default;
  virtual Counter& GetCounter(const std::string& name, const std::string& help, const Labels& labels) = 0;
  virtual Gauge& GetGauge(const std::string& name, const std::string& help, const Labels& labels) = 0;
  // Buckets for seconds: 50 us to 10 s.
  virtual Histogram& GetHistogram(const std::string& name, const std::string& help, const Labels& labels) = 0;
  // The text exposition.
  virtual std::string Text() = 0;
  // Serves Text() at http://address/metrics until destroyed with the registry. Plain HTTP: a private address only.
  // Port 0 takes a free one. UNAVAILABLE when the address cannot be had; FAILED_PRECONDITION when already served.
  virtual absl::Status Serve(const std::string& address) = 0;
  // The port that Serve took; 0 when not served.
  virtual int served_port() = 0;
};

}  // namespace gatehouse::observe
