// The rows of what was shown: what happened last to each document and person, and what is not settled about them. The
// part of the store that sees two inspections of one document beside each other.
//
// Every inspection that is stored and every referral, admission and refusal is a change of the keys that were shown, in
// the same commit. The row of a key is held from the first look at it to the commit, so that on PostgreSQL too two
// changes of one key come one after the other, and the later one sees the earlier.
#pragma once

#include <string>
#include <vector>

#include "libs/sql/sql.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// Hashes are the keyed hashes of Inspection::keys, in their order. `database` outlives it. Thread-safe but for what
// takes a transaction.
class ShownRows {
 public:
  using Hashes = std::vector<std::string>;

  explicit ShownRows(sql::Database& database) : database_(database) {}

  absl::StatusOr<Recollection> Recall(const Hashes& hashes) const;

  // In a command. A new inspection of what was shown. kOvertaken when `inspection.latest` is not what stands there now:
  // then the command is to be rolled back.
  static absl::StatusOr<Creation> AddInspection(sql::Transaction& transaction, const Inspection& inspection,
                                                const Hashes& hashes);

  // In a command, before anything is decided: holds the keys, and says whether another inspection had the last word on
  // one of them. Of an open inspection a row that is missing is that too: it is not as old as what is forgotten.
  static absl::StatusOr<bool> IsOvertaken(sql::Transaction& transaction, const Inspection& inspection,
                                          const Hashes& hashes);

  // In a command: the last decision of the inspection. To abandon changes nothing; an admission or refusal settles what
  // other inspections of the same keys referred.
  static absl::Status AddDecision(sql::Transaction& transaction, const Inspection& inspection, const Hashes& hashes);

  // See InspectionStore::ForgetShown.
  absl::StatusOr<int> Forget(absl::Time latest_before, absl::Time referrals_before, int limit) const;

 private:
  sql::Database& database_;
};

// In a command: the register has the crossing of the inspection.
absl::Status Settle(sql::Transaction& transaction, const InspectionId& inspection);

}  // namespace gatehouse::inspection
