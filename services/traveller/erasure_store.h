// What an erasure does to the tables, beside the destruction of the key: the keys by which the person is found go, of
// the crossings ids and times stay (erased_crossing), and the receipt is written (erasure).
#pragma once

#include <optional>
#include <vector>

#include "libs/sql/sql.h"
#include "services/traveller/ports.h"
#include "services/traveller/store.h"

namespace gatehouse::traveller {

// In the transaction in which the key is destroyed, with the event. The earlier receipt for an earlier request id.
absl::StatusOr<Erasure> EraseRows(const StoreDeps& deps, sql::Transaction& transaction, const NewErasure& request,
                                  const ErasureId& id, absl::Time time);
// Without receipt and event: of a person who was erased before the store was restored.
absl::Status ReleaseRows(sql::Transaction& transaction, const PersonId& person);
absl::StatusOr<std::vector<Erasure>> ReadErasures(sql::Database& database, const std::optional<ListPosition>& behind,
                                                  int limit);

}  // namespace gatehouse::traveller
