// Documents seen before in the service's own store, by keyed hashes. Look-up is one read; remembering is written
// behind, many at once, so that Verify does not wait for a disk.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "libs/seal/seal.h"
#include "libs/sql/sql.h"
#include "services/document/seen_documents.h"

namespace gatehouse::document {

extern const char kSeenTableSql[];

// More that wait to be written are given up and counted: the store is then slower than the line, or away, and the line
// goes on.
inline constexpr size_t kMaxWaitingSightings = 4096;
// What is past its time goes so many rows at once, so that no round holds the writer for long.
inline constexpr int kMaxPrunedSightings = 1000;
inline constexpr absl::Duration kPruneInterval = absl::Hours(1);

struct SeenStoreDeps {
  sql::Database& database;
  const seal::Sealer& sealer;
  absl::Duration retention;
};

class SeenStore : public SeenDocuments {
 public:
  // Writes what waits; what could not be written waits on, and the error says how many do. Called by one thread of the
  // module every second, and at the end.
  virtual absl::Status Flush(absl::Time now) = 0;
  // Takes out what is past its time: a bounded part at once, all within a few calls, then nothing for an hour. Called
  // by the same thread.
  virtual absl::Status Prune(absl::Time now) = 0;
};

std::unique_ptr<SeenStore> MakeSeenStore(SeenStoreDeps deps);

}  // namespace gatehouse::document
