// What the watch list publishes. Names and counts of lists, nobody who is on them.
#pragma once

#include <string>

#include "libs/events/event.h"
#include "services/watchlist/ports.h"

namespace gatehouse::watchlist {

events::Event ImportedEvent(const StoredBase& base, const std::string& version_id, std::string event_id);
events::Event StagedEvent(const StagedImport& staged, std::string event_id);
// By the last who accepted it, or who rejected it.
events::Event DecidedEvent(const StagedImport& staged, std::string event_id);
events::Event ConfirmedEvent(const BaseHead& head, const Word& word, std::string event_id);

}  // namespace gatehouse::watchlist
