#include "libs/observe/conditions.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/observe/log.h"

namespace gatehouse::observe {
namespace {

class NamedConditions final : public Conditions {
 public:
  NamedConditions(Metrics& metrics, base::Clock& clock) : metrics_(metrics), clock_(clock) {}

  void Raise(std::string_view name, Severity severity, std::string_view why) override {
    {
      std::lock_guard lock(mutex_);
      auto entry = entries_.find(name);
      if (entry == entries_.end() && entries_.size() < kMaxConditions) {
        entry = entries_.emplace(std::string(name), std::nullopt).first;
      }
      if (entry != entries_.end()) {
        std::optional<Condition>& condition = entry->second;
        if (condition && condition->severity == severity && condition->why == why) return;
        const absl::Time since = condition ? condition->since : clock_.Now();
        condition = Condition{.name = std::string(name), .severity = severity, .why = std::string(why), .since = since};
        GaugeOf(name).Set(1);
      }
    }
    Log(severity == Severity::kNotServing ? Level::kError : Level::kWarning, "condition raised",
        {{"name", name}, {"why", why}});
  }

  void Clear(std::string_view name) override {
    {
      std::lock_guard lock(mutex_);
      const auto entry = entries_.find(name);
      if (entry == entries_.end() || !entry->second) return;
      entry->second.reset();
      GaugeOf(name).Set(0);
    }
    LogInfo("condition cleared", {{"name", name}});
  }

  std::vector<Condition> Raised() const override {
    std::lock_guard lock(mutex_);
    std::vector<Condition> raised;
    for (const auto& [name, condition] : entries_) {
      if (condition) raised.push_back(*condition);
    }
    return raised;
  }

  std::vector<std::string> Names() const override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, condition] : entries_) names.push_back(name);
    return names;
  }

 private:
  Gauge& GaugeOf(std::string_view name) {
    return metrics_.GetGauge("gatehouse_condition", "1 while what it names is wrong", {{"name", std::string(name)}});
  }

  Metrics& metrics_;
  base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::optional<Condition>, std::less<>> entries_;  // raised, or over
};

}  // namespace

std::unique_ptr<Conditions> Conditions::Make(Metrics& metrics, base::Clock& clock) {
  return std::make_unique<NamedConditions>(metrics, clock);
}

}  // namespace gatehouse::observe
