#include "libs/observe/metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::observe {
namespace {

constexpr int kExposerThreads = 2;

const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10};
  return buckets;
}

class CounterOf final : public Counter {
 public:
  explicit CounterOf(prometheus::Counter& counter) : counter_(counter) {}
  void Increment(double by) override { counter_.Increment(by); }

 private:
  prometheus::Counter& counter_;
};

class GaugeOf final : public Gauge {
 public:
  explicit GaugeOf(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }

 private:
  prometheus::Gauge& gauge_;
};

class HistogramOf final : public Histogram {
 public:
  explicit HistogramOf(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

class Registry final : public Metrics {
 public:
  Counter& GetCounter(const std::string& name, const std::string& help, const Labels& labels) override {
    return Find(counters_, name, labels, [&] {
      return std::make_unique<CounterOf>(
          prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels));
    });
  }

  Gauge& GetGauge(const std::string& name, const std::string& help, const Labels& labels) override {
    return Find(gauges_, name, labels, [&] {
      return std::make_unique<GaugeOf>(prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels));
    });
  }

  Histogram& GetHistogram(const std::string& name, const std::string& help, const Labels& labels) override {
    return Find(histograms_, name, labels, [&] {
      auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_);
      return std::make_unique<HistogramOf>(family.Add(labels, SecondsBuckets()));
    });
  }

  std::string Text() override { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

  absl::Status Serve(const std::string& address) override {
    std::lock_guard lock(mutex_);
    if (exposer_ != nullptr) return absl::FailedPreconditionError("metrics are already served");
    try {
      exposer_ = std::make_unique<prometheus::Exposer>(address, kExposerThreads);
    } catch (const std::exception& error) {
      return absl::UnavailableError(absl::StrCat("metrics_listen ", address, " cannot be had: ", error.what()));
    }
    exposer_->RegisterCollectable(registry_);
    return absl::OkStatus();
  }

  int served_port() override {
    std::lock_guard lock(mutex_);
    return exposer_ == nullptr ? 0 : exposer_->GetListeningPorts().front();
  }

 private:
  template <typename Instrument>
  using Instruments = std::map<std::pair<std::string, Labels>, std::unique_ptr<Instrument>>;

  template <typename Instrument, typename Make>
  Instrument& Find(Instruments<Instrument>& instruments, const std::string& name, const Labels& labels, Make make) {
    std::lock_guard lock(mutex_);
    auto& instrument = instruments[{name, labels}];
    if (instrument == nullptr) {
      GH_CHECK(prometheus::CheckMetricName(name));
      GH_CHECK(counters_.size() + gauges_.size() + histograms_.size() <= kMaxInstruments);
      instrument = make();
    }
    return *instrument;
  }

  std::mutex mutex_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  Instruments<Counter> counters_;
  Instruments<Gauge> gauges_;
  Instruments<Histogram> histograms_;
  std::unique_ptr<prometheus::Exposer> exposer_;  // last: its threads read the registry
};

}  // namespace

std::unique_ptr<Metrics> Metrics::Make() { return std::make_unique<Registry>(); }

}  // namespace gatehouse::observe
