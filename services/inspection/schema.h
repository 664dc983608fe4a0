// The tables of the inspection service. In the clear: ids, keyed hashes, state, post and times; everything personal is
// sealed under the inspection.
#pragma once

#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/migrate.h"

namespace gatehouse::inspection {

// An inspection is written once; what comes later is rows beside it, and its state. The intent of a crossing is
// pending, accepted or refused; its request is kept, as it was first sent, until it is accepted. The refusal of a
// refused one is a word for why, and its next attempt is when it was refused.
inline constexpr std::string_view kInspectionTablesSql = R"sql(
CREATE TABLE inspection (
  inspection_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request_hash {{BLOB}} NOT NULL,
  state TEXT NOT NULL,
  post TEXT NOT NULL,
  inspection_time BIGINT NOT NULL,
  sealed_inspection {{BLOB}} NOT NULL,
  sealed_evidence {{BLOB}} NOT NULL,
  sealed_keys {{BLOB}} NOT NULL
);
CREATE INDEX inspection_by_time ON inspection (inspection_time, inspection_id);
CREATE INDEX inspection_by_state ON inspection (state, inspection_time, inspection_id);
-- Where each document was inspected last: one row a document and post, so that looking for other posts walks posts and
-- not the passages of one who crosses every day. Pruned by age.
CREATE TABLE document_sighting (
  document_hash {{BLOB}} NOT NULL,
  post TEXT NOT NULL,
  inspection_time BIGINT NOT NULL,
  PRIMARY KEY (document_hash, post)
);
CREATE INDEX document_sighting_by_time ON document_sighting (inspection_time);
-- What happened last to each document and each person that was shown: an inspection ("ID"), or a decision on it
-- ("ID/ORDINAL"). `previous` stood there before. Pruned by age.
CREATE TABLE shown_latest (
  key_hash {{BLOB}} PRIMARY KEY,
  latest TEXT NOT NULL,
  previous TEXT NOT NULL,
  change_time BIGINT NOT NULL
);
CREATE INDEX shown_latest_by_time ON shown_latest (change_time);
-- What is known of them here and of no register: referred and not decided, or admitted or refused and not accepted yet.
-- Settled by the acceptance, by the next decision, and referrals by age.
CREATE TABLE unsettled (
  key_hash {{BLOB}} NOT NULL,
  inspection_id TEXT NOT NULL,
  state TEXT NOT NULL,
  post TEXT NOT NULL,
  decision_time BIGINT NOT NULL,
  PRIMARY KEY (key_hash, inspection_id)
);
CREATE INDEX unsettled_by_inspection ON unsettled (inspection_id);
CREATE INDEX unsettled_by_state ON unsettled (state, decision_time);
-- A decision that came under a request id is taken once.
CREATE TABLE decision (
  inspection_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  request_id TEXT UNIQUE,
  request_hash {{BLOB}},
  sealed_decision {{BLOB}} NOT NULL,
  PRIMARY KEY (inspection_id, ordinal)
);
CREATE TABLE crossing_intent (
  inspection_id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  crossing_id TEXT NOT NULL,
  sealed_request {{BLOB}} NOT NULL,
  decision_time BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_time BIGINT NOT NULL,
  refusal TEXT NOT NULL
);
CREATE INDEX crossing_intent_due ON crossing_intent (state, next_attempt_time, inspection_id);
)sql";

inline const sql::Migration kMigrations[] = {
    {.version = 1, .min_reader = 1, .name = "events", .sql = events::kEventTablesSql},
    {.version = 2, .min_reader = 1, .name = "seal keys", .sql = seal::kSealTablesSql},
    {.version = 3, .min_reader = 1, .name = "inspections", .sql = kInspectionTablesSql},
};

}  // namespace gatehouse::inspection
