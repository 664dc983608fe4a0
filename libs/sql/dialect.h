// From the portable SQL of sql.h to what each engine takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

// Replaces {{BLOB}} and {{SERIAL_KEY}}, and for PostgreSQL each `?` by $1, $2 ... Text inside '...', "..." and behind
// `--` is left alone.
std::string Render(Dialect dialect, std::string_view sql);

// The statements of a script: each ends with a `;` at the end of a line. Blank ones and comment lines are dropped.
std::vector<std::string> SplitStatements(std::string_view script);

// True when the statement only reads: its first word is SELECT.
bool IsSelect(std::string_view sql);

// UTF-8 without a NUL byte.
bool IsStorableText(std::string_view text);

// INVALID_ARGUMENT when a text parameter holds a NUL byte or is not UTF-8 (PostgreSQL could not store it), naming the
// number of the parameter, never its value.
absl::Status CheckParams(const Params& params);

}  // namespace gatehouse::sql
