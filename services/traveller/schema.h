// The tables of the traveller service. In the clear: ids, keyed hashes and times; everything personal is sealed under
// the person.
#pragma once

#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/migrate.h"

namespace gatehouse::traveller {

inline constexpr std::string_view kCrossingTablesSql = R"sql(
CREATE TABLE person (
  person_id TEXT PRIMARY KEY,
  create_time BIGINT NOT NULL
);
CREATE TABLE person_document (
  document_hash {{BLOB}} PRIMARY KEY,
  person_id TEXT NOT NULL,
  sealed_document {{BLOB}} NOT NULL
);
CREATE INDEX person_document_person ON person_document (person_id);
CREATE TABLE person_identity (
  identity_hash {{BLOB}} PRIMARY KEY,
  person_id TEXT NOT NULL
);
CREATE TABLE crossing (
  crossing_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request_hash {{BLOB}} NOT NULL,
  inspection_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  document_hash {{BLOB}},
  crossing_time BIGINT NOT NULL,
  record_time BIGINT NOT NULL,
  sealed_crossing {{BLOB}} NOT NULL
);
CREATE INDEX crossing_by_time ON crossing (crossing_time, crossing_id);
CREATE INDEX crossing_by_person ON crossing (person_id, crossing_time, crossing_id);
CREATE INDEX crossing_by_document ON crossing (document_hash, crossing_time);
CREATE INDEX crossing_by_inspection ON crossing (inspection_id);
CREATE TABLE correction (
  correction_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request_hash {{BLOB}} NOT NULL,
  crossing_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  correction_time BIGINT NOT NULL,
  sealed_correction {{BLOB}} NOT NULL,
  UNIQUE (crossing_id, ordinal)
);
)sql";

inline const sql::Migration kMigrations[] = {
    {.version = 1, .min_reader = 1, .name = "events", .sql = events::kEventTablesSql},
    {.version = 2, .min_reader = 1, .name = "seal keys", .sql = seal::kSealTablesSql},
    {.version = 3, .min_reader = 1, .name = "crossings", .sql = kCrossingTablesSql},
};

}  // namespace gatehouse::traveller
