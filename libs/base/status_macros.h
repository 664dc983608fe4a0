// GH_RETURN_IF_ERROR(expr) and GH_ASSIGN_OR_RETURN(lhs, expr): early return of a non-OK absl::Status. The Abseil of
// Debian 12 (20220623) ships neither.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define GH_STATUS_CONCAT_INNER_(a, b) a##b
#define GH_STATUS_CONCAT_(a, b) GH_STATUS_CONCAT_INNER_(a, b)

// Named by line: a macro inside a lambda inside a macro does not shadow the outer one.
#define GH_RETURN_IF_ERROR_IMPL_(status, expr)        \
  do {                                                \
    if (absl::Status status = (expr); !status.ok()) { \
      return status;                                  \
    }                                                 \
  } while (false)
#define GH_RETURN_IF_ERROR(expr) GH_RETURN_IF_ERROR_IMPL_(GH_STATUS_CONCAT_(gh_status_, __LINE__), expr)

#define GH_ASSIGN_OR_RETURN_IMPL_(result, lhs, expr)   \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = std::move(result).value()
#define GH_ASSIGN_OR_RETURN(lhs, expr) GH_ASSIGN_OR_RETURN_IMPL_(GH_STATUS_CONCAT_(gh_statusor_, __LINE__), lhs, expr)
