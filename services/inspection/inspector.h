// Inspect: every check of one traveller, under one deadline. It decides nothing: it reports each check by itself and
// what the policy recommends. The document goes first, because the lists and the register need an identity; they follow
// together, where they are other processes, and one after the other on the caller's thread where they are in this one
// (waking threads costs a post more than it gains). Who does not answer in time is reported as a check that was not
// done; nobody is waited for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/worker_pool.h"
#include "services/inspection/policy.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct InspectInput {
  RequestKey request;  // an empty id: one is made
  DocumentInput document;
  std::optional<base::Redacted<base::Identity>> keyed;  // typed in by an officer
  Direction direction = Direction::kEntry;
  std::string post;
  std::string conveyance;
  std::string officer;  // who inspects: the named human, or the gate
};

// Thread-safe.
class Inspector {
 public:
  // Shared with questions that are still out when an inspection has ended: the ports live as long as the pool.
  struct Deps {
    DocumentVerifier& verifier;
    WatchlistScreener& screener;
    TravellerDirectory& directory;
    InspectionStore& store;
    base::WorkerPool* pool;  // null: everybody who is asked answers on the caller's thread
    base::Clock& clock;
    base::Random& random;
    Policy policy;                               // passed CheckPolicy
    absl::Duration deadline = absl::Seconds(3);  // over all checks
  };
  explicit Inspector(Deps deps) : deps_(std::move(deps)) {}

  // The inspection, durable; or the one that the same request made before. ALREADY_EXISTS when the request id has made
  // another one.
  absl::StatusOr<Inspection> Inspect(InspectInput input, const OnBehalf& on_behalf);

 private:
  class Run;
  // The earlier inspection of this request, when there is one.
  absl::StatusOr<std::optional<Inspection>> FindEarlier(const RequestKey& request);

  const Deps deps_;
};

}  // namespace gatehouse::inspection
