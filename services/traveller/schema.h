// The tables of the traveller service. In the clear: ids, keyed hashes, times and counts; everything personal is sealed
// under the person. crossing.crossing_time is the time as corrected, so that lists are in the order of what happened;
// crossing_count and document_count are kept with the person by whoever adds one, in the same transaction, and the
// first and last time are the ends of crossing_by_person: no answer walks all crossings of a person. A person who is
// erased leaves all tables but erased_crossing (ids and times) and erasure (the receipt).
#pragma once

#include "libs/events/outbox.h"
#include "libs/seal/seal.h"
#include "libs/sql/migrate.h"

namespace gatehouse::traveller {

inline constexpr std::string_view kCrossingTablesSql = R"sql(
CREATE TABLE person (
  person_id TEXT PRIMARY KEY,
  create_time BIGINT NOT NULL,
  crossing_count BIGINT NOT NULL,
  document_count BIGINT NOT NULL
);
CREATE TABLE person_document (
  document_hash {{BLOB}} PRIMARY KEY,
  person_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  sealed_document {{BLOB}} NOT NULL
);
CREATE INDEX person_document_by_person ON person_document (person_id, ordinal);
CREATE TABLE person_identity (
  identity_hash {{BLOB}} PRIMARY KEY,
  person_id TEXT NOT NULL
);
CREATE INDEX person_identity_by_person ON person_identity (person_id);
CREATE TABLE person_link (
  link_id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  document_person_id TEXT NOT NULL,
  confidence BIGINT NOT NULL,
  crossing_id TEXT NOT NULL,
  link_time BIGINT NOT NULL,
  UNIQUE (person_id, document_person_id)
);
CREATE INDEX person_link_by_time ON person_link (link_time, link_id);
CREATE INDEX person_link_by_person ON person_link (person_id, link_time, link_id);
CREATE INDEX person_link_by_document_person ON person_link (document_person_id, link_time, link_id);
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
CREATE INDEX crossing_by_document ON crossing (document_hash, crossing_time, crossing_id);
CREATE INDEX crossing_by_inspection ON crossing (inspection_id, crossing_time, crossing_id);
CREATE TABLE erased_crossing (
  crossing_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  inspection_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  crossing_time BIGINT NOT NULL,
  record_time BIGINT NOT NULL
);
CREATE TABLE erasure (
  erasure_id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request_hash {{BLOB}} NOT NULL,
  person_id TEXT NOT NULL UNIQUE,
  reason BIGINT NOT NULL,
  case_reference TEXT NOT NULL,
  officer TEXT NOT NULL,
  erase_time BIGINT NOT NULL,
  crossing_count BIGINT NOT NULL,
  document_count BIGINT NOT NULL
);
CREATE INDEX erasure_by_time ON erasure (erase_time, erasure_id);
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
