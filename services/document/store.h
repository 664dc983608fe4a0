// The history of the trust store in the service's own store. It is public data: nothing of it is sealed.
#pragma once

#include <functional>
#include <memory>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/events/outbox.h"
#include "libs/sql/sql.h"
#include "services/document/ports.h"

namespace gatehouse::document {

struct StoreDeps {
  sql::Database& database;
  events::Outbox& outbox;
  base::Clock& clock;
  base::Random& random;
  std::function<void()> wake_relay;
};

std::unique_ptr<TrustRepository> MakeTrustRepository(StoreDeps deps);

}  // namespace gatehouse::document
