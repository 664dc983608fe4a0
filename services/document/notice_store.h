// Notices in the service's own store, shared by its replicas. They are about documents that exist a thousand times and
// about nobody: nothing of them is sealed.
#pragma once

#include <memory>

#include "libs/sql/sql.h"
#include "services/document/ports.h"

namespace gatehouse::document {

extern const char kNoticeTablesSql[];

// `database` outlives it.
std::unique_ptr<NoticeRepository> MakeNoticeRepository(sql::Database& database);

}  // namespace gatehouse::document
