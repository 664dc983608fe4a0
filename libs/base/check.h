// GH_CHECK(condition): for our own bugs. Prints file, line and the condition, then aborts. What the *world* does wrong
// (bad input, a full disk, an absent server) is an absl::Status, never a check. Debian 12's Abseil has no absl/log.
#pragma once

#include <cstdio>
#include <cstdlib>

#define GH_CHECK(condition)                                                              \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
