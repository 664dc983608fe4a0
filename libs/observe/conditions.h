// What is wrong with a process right now, by name: the one place where a failure that goes on is heard. Raising or
// clearing a condition writes one log line when it changes, sets the gauge gatehouse_condition{name}, and, through
// libs/runtime, answers the health question for the service of that name (grpc.health.v1, NOT_SERVING while raised). A
// condition of severity kNotServing also makes the whole process NOT_SERVING.
//
//   conditions.Raise("watchlist.base.un", Severity::kDegraded, "its stored version cannot be decoded");
//   conditions.Clear("watchlist.base.un");
//
// Names are `<service or library>.<what>[.<which>]`, of a closed set: never an id of a person. Reasons go to the log
// and hold no personal data.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/observe/metrics.h"

namespace gatehouse::observe {

// More than this at once means that a name is not of a closed set; what is over is logged and not kept.
inline constexpr size_t kMaxConditions = 1000;

enum class Severity {
  kDegraded,    // a part is missing and says so; the rest serves
  kNotServing,  // nothing useful can be answered
};

struct Condition {
  std::string name;
  Severity severity = Severity::kDegraded;
  std::string why;
  absl::Time since;
};

// Thread-safe.
class Conditions {
 public:
  // Both outlive it.
  static std::unique_ptr<Conditions> Make(Metrics& metrics, base::Clock& clock);
  virtual ~Conditions() = default;
  // Again with the same severity and reason: nothing happens. `since` stays while it is raised.
  virtual void Raise(std::string_view name, Severity severity, std::string_view why) = 0;
  // Nothing when it is not raised.
  virtual void Clear(std::string_view name) = 0;
  // Raised now, by name.
  virtual std::vector<Condition> Raised() const = 0;
  // Every name that was ever raised, so that whoever shows them can also show that one is over.
  virtual std::vector<std::string> Names() const = 0;
};

}  // namespace gatehouse::observe
