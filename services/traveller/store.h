// The register's store over libs/sql: rows are ids, keyed hashes and times in the clear, and sealed blobs. Runs on both
// drivers; on PostgreSQL several processes share it, and the primary keys of person_document and person_identity decide
// races between them.
#pragma once

#include <functional>
#include <memory>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/events/outbox.h"
#include "libs/observe/conditions.h"
#include "libs/seal/seal.h"
#include "libs/sql/sql.h"
#include "services/traveller/ports.h"

namespace gatehouse::traveller {

struct StoreDeps {
  sql::Database& database;  // with the migrations of schema.h
  events::Outbox& outbox;
  seal::Sealer& sealer;
  base::Clock& clock;
  base::Random& random;
  std::function<void()> wake_relay;  // told after each commit, so that events leave without waiting for a poll
  // What does not read raises traveller.row_damaged and traveller.key_lost, until it reads again.
  observe::Conditions& conditions;
};

std::unique_ptr<CrossingStore> MakeStore(StoreDeps deps);

}  // namespace gatehouse::traveller
