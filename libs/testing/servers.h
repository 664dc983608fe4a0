// Real servers for tests. One of each serves a whole run: `test_servers` starts them once and hands them on in
// GATEHOUSE_TEST_POSTGRESQL and GATEHOUSE_TEST_KAFKA; without these variables a test process starts its own, at the
// first need, and stops it at exit. "unavailable: REASON" in a variable says that none could be had.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace gatehouse::testing {

// A libpq connection string whose user may create databases. Thread-safe.
absl::StatusOr<std::string> RequirePostgresql();

// host:port of a broker. Thread-safe.
absl::StatusOr<std::string> RequireKafka();

// "gh_" and 16 random hex digits: a database or topic of the test's own.
std::string UniqueName();

// In continuous integration a missing server fails the tests that need it.
inline bool ServersAreMandatory() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string(ci) == "true";
}

}  // namespace gatehouse::testing

// Assigns the value of a StatusOr, or skips the test with the reason (fails it when CI=true).
#define GH_REQUIRE_SERVER(lhs, expression)                                                                            \
  do {                                                                                                                \
    auto gh_server_ = (expression);                                                                                   \
    if (!gh_server_.ok()) {                                                                                           \
      ASSERT_FALSE(::gatehouse::testing::ServersAreMandatory()) << "needed here: " << gh_server_.status().ToString(); \
      GTEST_SKIP() << gh_server_.status().message();                                                                  \
    }                                                                                                                 \
    lhs = std::move(gh_server_).value();                                                                              \
  } while (false)
