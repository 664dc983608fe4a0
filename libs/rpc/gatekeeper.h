// Judges a call of the network by its headers, before a byte of its message is read: who calls (the certificate of the
// connection, valid now), and whether the matrix lets him. Health and reflection are judged like everything else. A
// refused call reaches no handler, no pool and no parser; its refusal is written to the audit log by one thread of its
// own, so that whoever is refused all day waits for himself and for nobody else, and what he fills is bounded
// (refusal_tally.h: the first few of a minute as they come, the rest as a count). Handle judges again, because a call
// in process does not come this way.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "libs/audit/audit.h"
#include "libs/authz/authz.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/observe/metrics.h"

namespace gatehouse::rpc {

// Thread-safe. Outlives the servers it keeps.
class Gatekeeper {
 public:
  struct Deps {
    const authz::Matrix& matrix;
    audit::Log& audit;
    base::Clock& clock;
    base::Random& random;
    observe::Metrics& metrics;
    // Refusals that wait for the audit log. What is more is answered at once, and counted in
    // gatehouse_runtime_refusals_unwritten_total.
    size_t queue_bound = 1024;
  };
  static std::unique_ptr<Gatekeeper> Make(Deps deps);
  // Writes what waits.
  virtual ~Gatekeeper() = default;

  struct Headers {
    std::string_view certificate;     // PEM; empty: none
    std::string_view path;            // "/package.Service/Method", as it was sent
    bool claims_to_be_local = false;  // carries metadata of a local token
  };
  // `answer` is called once, with OK on this thread, or with the refusal (UNAUTHENTICATED, PERMISSION_DENIED) from any
  // thread, once it is written or cannot be.
  virtual void Judge(const Headers& headers, std::function<void(const absl::Status&)> answer) = 0;
};

}  // namespace gatehouse::rpc
