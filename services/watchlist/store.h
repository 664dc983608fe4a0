// The bases in the service's own store. The content of a list is personal data:
// it is sealed under the version it belongs to, so that destroying that key
// erases the version.
#pragma once

#include <functional>
#include <memory>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/sql.h"
#include "services/watchlist/ports.h"

namespace gatehouse::watchlist {

struct StoreDeps {
  sql::Database& database;
  events::Outbox& outbox;
  seal::Sealer& sealer;
  base::Clock& clock;
  base::Random& random;
  std::function<void()> wake_relay;
};

std::unique_ptr<BaseStore> MakeBaseStore(StoreDeps deps);

}  // namespace gatehouse::watchlist
