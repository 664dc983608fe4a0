// Keeps the outbox and the inbox bounded: events that nobody needs any more, and ids so old that no broker repeats
// them, are deleted in small rounds. Positions stay: whoever reads from one that was pruned is told (Outbox::Read).
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/sql/sql.h"

namespace gatehouse::events {

inline constexpr absl::Duration kDefaultRetention = absl::Hours(24 * 90);
inline constexpr int kMaxPrunedAtOnce = 500;  // rows of one transaction: the writer is never held for long

// Up to which position events are gone, of the OUT_OF_RANGE of Outbox::Read; nothing of any other status.
std::optional<int64_t> PrunedUpTo(const absl::Status& status);

struct Retention {
  absl::Duration outbox = kDefaultRetention;  // since the fact
  absl::Duration inbox = kDefaultRetention;   // since it was handled
};

struct Pruned {
  int events = 0;
  int ids = 0;
  // A round found as much as it may take: there may be more.
  bool more = false;
};

class Pruner {
 public:
  struct Deps {
    sql::Database& database;
    base::Clock& clock;
    // With a broker only what it acknowledged is deleted; without one the outbox is the stream, and age alone counts.
    bool has_broker = false;
    Retention retention;
  };
  explicit Pruner(Deps deps) : deps_(deps) {}

  // One round: the oldest events by position, up to the first that is young or unpublished, and the oldest ids. Dead
  // letters stay. Several processes of one store may do it at once.
  absl::StatusOr<Pruned> PruneOnce();

 private:
  absl::StatusOr<int> PruneOutbox();
  absl::StatusOr<int> PruneInbox();

  const Deps deps_;
};

}  // namespace gatehouse::events
