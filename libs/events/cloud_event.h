// An Event as a Kafka record and back: CloudEvents 1.0, Kafka protocol binding, binary mode. The attributes are headers
// `ce_*`, the payload is the record's value, the subject is its key. Known to both ends, free of any Kafka client.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/events/event.h"

namespace gatehouse::events {

using Headers = std::vector<std::pair<std::string, std::string>>;

// ce_specversion, ce_id, ce_type, ce_source, ce_subject, ce_time (RFC 3339, UTC), ce_dataschema (a URI: "proto:" and
// the message's full name), content-type, and our extensions ce_aggregateversion and ce_position.
Headers HeadersOf(const StoredEvent& event);

// INVALID_ARGUMENT naming the header that is missing, repeated or malformed, or for a payload over kMaxPayloadBytes.
// Headers it does not know are ignored.
absl::StatusOr<Event> EventOf(const Headers& headers, std::string_view topic, std::string_view payload);

}  // namespace gatehouse::events
