// Challenges in the service's own store, shared by its replicas.
#pragma once

#include <memory>

#include "libs/sql/sql.h"
#include "services/document/ports.h"

namespace gatehouse::document {

extern const char kChallengeTableSql[];

// `database` outlives it.
std::unique_ptr<ChallengeRepository> MakeChallengeRepository(sql::Database& database);

}  // namespace gatehouse::document
