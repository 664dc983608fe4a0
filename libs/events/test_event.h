// Made-up events for tests.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/uuid.h"
#include "libs/events/event.h"
#include "libs/events/outbox.h"
#include "libs/sql/sql.h"

namespace gatehouse::events {

// The `version`-th event of an aggregate, with a payload that holds zeros and bytes that are not text.
inline Event MakeTestEvent(const std::string& subject, int64_t version, const std::string& topic = "test.topic.v1") {
  return {.id = base::NewUuid(base::SystemClock(), base::SystemRandom()),
          .type = "gatehouse.test.happened.v1",
          .source = "//gatehouse/test",
          .subject = subject,
          .time = absl::FromUnixMicros(1'767'225'600'123'456),
          .data_schema = "gatehouse.test.v1.Happened",
          .topic = topic,
          .data = std::string("\0\xFF payload ", 11) + absl::StrCat(version),
          .aggregate_version = version};
}

inline absl::Status Append(sql::Database& database, Outbox& outbox, const Event& event) {
  return database.Write([&](sql::Transaction& transaction) {
    outbox.Append(transaction, event);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::events
