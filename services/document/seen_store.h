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

// More that wait to be written are dropped: the store is then slower than the line, and the line goes on.
inline constexpr size_t kMaxWaitingSightings = 4096;

struct SeenStoreDeps {
  sql::Database& database;
  const seal::Sealer& sealer;
  absl::Duration retention;
};

class SeenStore : public SeenDocuments {
 public:
  // Writes what waits. Called by a thread of the module every second, and at the end.
  virtual absl::Status Flush(absl::Time now) = 0;
};

std::unique_ptr<SeenStore> MakeSeenStore(SeenStoreDeps deps);

}  // namespace gatehouse::document
