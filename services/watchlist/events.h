// What the watch list publishes: gatehouse.watchlist.base.v1.
#pragma once

#include <string>

#include "libs/events/event.h"
#include "services/watchlist/ports.h"

namespace gatehouse::watchlist {

// The key is the base's name, so that versions of one base stay in order.
events::Event ImportedEvent(const StoredBase& base, const std::string& version_id, std::string event_id);

}  // namespace gatehouse::watchlist
