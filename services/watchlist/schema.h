// The tables of the watch-list service.
#pragma once

#include <span>

#include "libs/sql/migrate.h"

namespace gatehouse::watchlist {

std::span<const sql::Migration> Migrations();

inline constexpr char kTablesSql[] = R"sql(
CREATE TABLE watchlist_version (
  import_number {{SERIAL_KEY}},
  version_id TEXT NOT NULL UNIQUE,
  base TEXT NOT NULL,
  imported_by TEXT NOT NULL,
  accepted_by TEXT NOT NULL,
  rejected BIGINT NOT NULL,
  content {{BLOB}} NOT NULL
);
CREATE INDEX watchlist_version_base ON watchlist_version (base, import_number);

-- The newest edition of each base, known apart from the edition itself. persons, documents: whether it holds any.
CREATE TABLE watchlist_base (
  base TEXT PRIMARY KEY,
  import_number BIGINT NOT NULL,
  version_id TEXT NOT NULL,
  version TEXT NOT NULL,
  published TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  records BIGINT NOT NULL,
  persons BIGINT NOT NULL,
  documents BIGINT NOT NULL
);

-- A person said that the edition is current.
CREATE TABLE watchlist_word (
  base TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  person TEXT NOT NULL,
  word_time BIGINT NOT NULL,
  PRIMARY KEY (base, sha256, person)
);

-- Entries that an import took from a base by one person's word; kept for a day, or until two persons say what it holds.
CREATE TABLE watchlist_loss (
  base TEXT NOT NULL,
  version_id TEXT NOT NULL,
  lost BIGINT NOT NULL,
  loss_time BIGINT NOT NULL,
  PRIMARY KEY (base, version_id)
);

-- info: gatehouse.watchlist.v1.StagedImport; content is empty once it waits no more.
CREATE TABLE watchlist_staged (
  staged_id TEXT PRIMARY KEY,
  base TEXT NOT NULL,
  state TEXT NOT NULL,
  staged_time BIGINT NOT NULL,
  info {{BLOB}} NOT NULL,
  content {{BLOB}} NOT NULL
);
CREATE INDEX watchlist_staged_base ON watchlist_staged (base, staged_time);

CREATE TABLE watchlist_request (
  request_id TEXT PRIMARY KEY,
  digest {{BLOB}} NOT NULL,
  answer {{BLOB}} NOT NULL,
  request_time BIGINT NOT NULL
);
CREATE INDEX watchlist_request_time ON watchlist_request (request_time);
)sql";

}  // namespace gatehouse::watchlist
