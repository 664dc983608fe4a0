// The tables of the inspection service. In the clear: ids, keyed hashes, state, post and times; everything personal is
// sealed under the inspection.
#pragma once

#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/migrate.h"

namespace gatehouse::inspection {

// An inspection is written once; what comes later is rows beside it, and its state.
inline constexpr std::string_view kInspectionTablesSql = R"sql(
CREATE TABLE inspection (
  inspection_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request_hash {{BLOB}} NOT NULL,
  state TEXT NOT NULL,
  post TEXT NOT NULL,
  inspection_time BIGINT NOT NULL,
  document_hash {{BLOB}},
  sealed_inspection {{BLOB}} NOT NULL,
  sealed_evidence {{BLOB}} NOT NULL
);
CREATE INDEX inspection_by_time ON inspection (inspection_time, inspection_id);
CREATE INDEX inspection_by_state ON inspection (state, inspection_time, inspection_id);
CREATE INDEX inspection_by_document ON inspection (document_hash, inspection_time);
CREATE TABLE decision (
  inspection_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  sealed_decision {{BLOB}} NOT NULL,
  PRIMARY KEY (inspection_id, ordinal)
);
CREATE TABLE crossing_intent (
  inspection_id TEXT PRIMARY KEY,
  crossing_id TEXT NOT NULL,
  accepted BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_time BIGINT NOT NULL
);
CREATE INDEX crossing_intent_due ON crossing_intent (accepted, next_attempt_time);
)sql";

inline const sql::Migration kMigrations[] = {
    {.version = 1, .min_reader = 1, .name = "events", .sql = events::kEventTablesSql},
    {.version = 2, .min_reader = 1, .name = "seal keys", .sql = seal::kSealTablesSql},
    {.version = 3, .min_reader = 1, .name = "inspections", .sql = kInspectionTablesSql},
};

}  // namespace gatehouse::inspection
