// Answered requests in the service's own store.
#pragma once

#include <memory>

#include "libs/sql/sql.h"
#include "services/document/answered_request.h"

namespace gatehouse::document {

extern const char kRequestTableSql[];

inline constexpr int kMaxPrunedRequests = 1000;

std::unique_ptr<RequestRepository> MakeRequestRepository(sql::Database& database);

// Beside the change that the request asked for; nothing for null. ABORTED when the request is answered already, by
// whoever was first.
absl::Status WriteAnswered(sql::Transaction& transaction, const AnsweredRequest* request);

}  // namespace gatehouse::document
