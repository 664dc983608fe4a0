// The inspection store over libs/sql: rows are ids, keyed hashes, state and times in the clear, and sealed blobs. Runs
// on both drivers; several processes may share it on PostgreSQL, where the primary key of a decision orders them.
#pragma once

#include <functional>
#include <memory>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/sql.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct StoreDeps {
  sql::Database& database;  // with the migrations of schema.h
  events::Outbox& outbox;
  seal::Sealer& sealer;
  base::Clock& clock;
  base::Random& random;
  // Told of each row that a listing or a reading could not read: its id, and KEY_LOST or ROW_DAMAGED.
  std::function<void(const std::string& id, const std::string& why)> damaged;
  std::function<void()> wake_relay;  // told after each commit, so that events leave without waiting for a poll
};

std::unique_ptr<InspectionStore> MakeInspectionStore(StoreDeps deps);

// What a request of a crossing is sealed under, and the word of an intent that waits: between the two parts of the
// store.
inline constexpr char kCrossingRequestContext[] = "crossing_intent.sealed_request";
inline constexpr std::string_view kPendingWord = "pending";

// Both outlive it.
std::unique_ptr<CrossingIntents> MakeCrossingIntents(sql::Database& database, seal::Sealer& sealer);

}  // namespace gatehouse::inspection
