// The end of a history, kept apart from its rows and written with them: a last row that is lost leaves no gap, and
// nothing but this says that it was there.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/sql.h"

namespace gatehouse::document {

inline constexpr char kTrustHistory[] = "trust";
inline constexpr char kNoticeHistory[] = "notices";

struct Head {
  int64_t newest = 0;  // number of the newest change or import; 0: none
  int64_t held = 0;    // how many rows they left: changes, notices
};

// DATA_LOSS when it cannot be read or is not there: every store has one from its first day.
absl::StatusOr<Head> ReadHead(sql::Database& database, std::string_view history);

// Within the command that writes the rows.
absl::Status AdvanceHead(sql::Transaction& transaction, std::string_view history, int64_t newest, int64_t added);

extern const char kHeadTableSql[];

}  // namespace gatehouse::document
