// The writing half of the store: one command of the database's writer.
#pragma once

#include <memory>

#include "libs/sql/sql.h"
#include "services/traveller/ports.h"
#include "services/traveller/store.h"

namespace gatehouse::traveller {

// For the life of `transaction`.
std::unique_ptr<CrossingWriter> MakeWriter(const StoreDeps& deps, sql::Transaction& transaction);

}  // namespace gatehouse::traveller
